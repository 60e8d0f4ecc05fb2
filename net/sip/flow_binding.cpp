#include "net/sip/flow_binding.hpp"

#include <algorithm>

#include "net/core/big_endian.hpp"
#include "net/sip/address_of_record.hpp"
#include "net/sip/headers.hpp"
#include "net/sip/value_cursor.hpp"

namespace sallyport::sip {

binding_id flow_binding(const message_view& registration, const party& to, const keyed_hash& key) {
  const auto user = address_of_record(to.user.in(registration), to.host.in(registration));
  const auto first = first_value(registration, header_id::contact);
  const auto contact =
    first ? parse_name_addr(*first) : result<name_addr, parse_error>{fail(parse_error::bad_name_addr)};
  if (!user || !contact || contact->is_star())
    return 0;

  const auto instance = param(contact->params, "+sip.instance");
  const auto digest = instance
                        ? key.digest({"instance", *user, *instance, param(contact->params, "reg-id").value_or("")})
                        : key.digest({"contact", *user, contact->uri});
  return std::max<binding_id>(big_endian_at<binding_id>(digest.data()), 1);
}

} // namespace sallyport::sip
