#include "net/tls/identity.hpp"

#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>

namespace sallyport::tls {
namespace {

using names_ptr = std::unique_ptr<GENERAL_NAMES, openssl_delete<GENERAL_NAMES_free>>;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), [](char c) { return lower(c); });
  return out;
}

/// Nothing for a text with a NUL inside: what C libraries read of it is not what the CA signed.
std::optional<std::string> text_of(const ASN1_STRING* value) {
  const auto* bytes = reinterpret_cast<const char*>(ASN1_STRING_get0_data(value));
  const auto size = static_cast<std::size_t>(ASN1_STRING_length(value));
  if (size == 0 || std::memchr(bytes, 0, size))
    return std::nullopt;
  return std::string{bytes, size};
}

std::optional<ip_address> address_of(const ASN1_OCTET_STRING* value) {
  const auto* bytes = ASN1_STRING_get0_data(value);
  const int size = ASN1_STRING_length(value);
  if (size == 4)
    return ip_address::v4(std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 |
                          bytes[3]);
  if (size != 16)
    return std::nullopt;
  std::array<std::uint8_t, 16> copy;
  std::copy_n(bytes, copy.size(), copy.begin());
  return ip_address{copy};
}

std::string common_name_of(const X509& certificate) {
  X509_NAME* subject = X509_get_subject_name(&certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0)
    return {};
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (size < 0)
    return {};
  std::string name{reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size)};
  OPENSSL_free(utf8);
  return name.find('\0') == std::string::npos ? name : std::string{};
}

/// The host of `sip:host` when nothing else is in the URI: with a user part it names a person, not the server of a
/// domain (RFC 5922, 7.1).
std::string sip_domain_of(std::string_view uri) {
  constexpr std::string_view scheme = "sip:";
  if (lower(uri.substr(0, scheme.size())) != scheme)
    return {};
  const auto host = uri.substr(scheme.size());
  return host.find_first_of("@;?:") == std::string_view::npos ? lower(host) : std::string{};
}

} // namespace

bool identity::names(std::string_view name) const {
  if (const auto address = ip_address::parse(name))
    return std::ranges::find(addresses, *address) != addresses.end();
  auto wanted = lower(name);
  if (wanted.ends_with('.'))
    wanted.pop_back();
  if (wanted.empty() || wanted.front() == '*')
    return false;
  if (std::ranges::find(dns_names, wanted) != dns_names.end())
    return true;
  if (std::ranges::any_of(uris, [&](const auto& uri) { return sip_domain_of(uri) == wanted; }))
    return true;
  return !has_alternative_names && lower(common_name) == wanted;
}

identity identity_of(const X509& certificate) {
  identity found;
  found.common_name = common_name_of(certificate);
  found.has_alternative_names = X509_get_ext_by_NID(&certificate, NID_subject_alt_name, -1) >= 0;
  const names_ptr names{
    static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr))};
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) {
      if (const auto text = text_of(name->d.dNSName))
        found.dns_names.push_back(lower(*text));
    } else if (name->type == GEN_URI) {
      if (auto text = text_of(name->d.uniformResourceIdentifier))
        found.uris.push_back(std::move(*text));
    } else if (name->type == GEN_IPADD) {
      if (const auto address = address_of(name->d.iPAddress))
        found.addresses.push_back(*address);
    }
  }
  return found;
}

identity peer_identity(const SSL& connection) {
  const x509_ptr certificate{SSL_get1_peer_certificate(&connection)};
  // X509_V_OK is also the answer when nothing was presented or nothing was asked for.
  if (!certificate || SSL_get_verify_mode(&connection) == SSL_VERIFY_NONE ||
      SSL_get_verify_result(&connection) != X509_V_OK)
    return {};
  auto found = identity_of(*certificate);
  found.is_verified = true;
  return found;
}

} // namespace sallyport::tls
