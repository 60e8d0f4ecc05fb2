#include "net/tls/pem.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <climits>
#include <fstream>
#include <iterator>

namespace sallyport::tls {
namespace {

constexpr std::uintmax_t file_bytes_max = 1 << 20;

bio_ptr reader_of(std::string_view pem) {
  return bio_ptr{pem.size() > INT_MAX ? nullptr : BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
}

std::string contents(BIO& memory) {
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(&memory, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

/// Instead of OpenSSL's own, which would ask on the terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

} // namespace

std::optional<std::string> read_pem_file(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  std::ifstream stream{file, std::ios::binary};
  if (error || size > file_bytes_max || !stream)
    return std::nullopt;
  std::string text{std::istreambuf_iterator<char>{stream}, {}};
  return stream.bad() ? std::nullopt : std::optional{std::move(text)};
}

std::vector<std::shared_ptr<X509>> parse_certificates(std::string_view pem) {
  std::vector<std::shared_ptr<X509>> found;
  const auto reader = reader_of(pem);
  while (reader) {
    x509_ptr next{PEM_read_bio_X509(reader.get(), nullptr, no_passphrase, nullptr)};
    if (!next)
      break;
    found.push_back(std::move(next));
  }
  // The end of the text is the one good reason to stop.
  const bool is_whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  return is_whole ? found : std::vector<std::shared_ptr<X509>>{};
}

key_ptr parse_private_key(std::string_view pem) {
  const auto reader = reader_of(pem);
  key_ptr key{reader ? PEM_read_bio_PrivateKey(reader.get(), nullptr, no_passphrase, nullptr) : nullptr};
  ERR_clear_error();
  return key;
}

std::string certificate_pem(X509& certificate) {
  const bio_ptr memory{BIO_new(BIO_s_mem())};
  PEM_write_bio_X509(memory.get(), &certificate);
  return contents(*memory);
}

std::string private_key_pem(EVP_PKEY& key) {
  const bio_ptr memory{BIO_new(BIO_s_mem())};
  PEM_write_bio_PKCS8PrivateKey(memory.get(), &key, nullptr, nullptr, 0, nullptr, nullptr);
  return contents(*memory);
}

} // namespace sallyport::tls
