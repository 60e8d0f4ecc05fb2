#include "net/tls/trust.hpp"

#include <new>

#include "net/tls/pem.hpp"

namespace sallyport::tls {

trust::trust() : store_{X509_STORE_new(), X509_STORE_free} {
  if (!store_)
    throw std::bad_alloc{};
  // An intermediate CA in the operator's file is trusted as it stands, without its root.
  X509_STORE_set_flags(store_.get(), X509_V_FLAG_PARTIAL_CHAIN);
}

result<trust, certificate_problems> trust::load(const std::filesystem::path& file) {
  const auto pem = read_pem_file(file);
  if (!pem)
    return fail(certificate_problems{{certificate_fault::trust_unreadable, file.string() + ": cannot be read"}});
  return parse(*pem, file.string());
}

result<trust, certificate_problems> trust::parse(std::string_view pem, std::string_view origin) {
  trust made;
  made.certificates_ = parse_certificates(pem);
  if (made.certificates_.empty())
    return fail(certificate_problems{
      {certificate_fault::trust_unparsable, std::string{origin} + ": holds no certificate in PEM, or a broken one"}});
  for (const auto& one : made.certificates_)
    X509_STORE_add_cert(made.store_.get(), one.get());
  return made;
}

trust trust::system() {
  trust made;
  X509_STORE_set_default_paths(made.store_.get());
  return made;
}

} // namespace sallyport::tls
