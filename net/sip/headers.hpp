#pragma once
// The typed headers together: each `parse_x(value)` reads one value in place, does not allocate, takes any bytes, and
// treats a fold inside the value as the white space it is.
#include "net/sip/cseq.hpp"
#include "net/sip/name_addr.hpp"
#include "net/sip/numbers.hpp"
#include "net/sip/params.hpp"
#include "net/sip/token_params.hpp"
#include "net/sip/uri.hpp"
#include "net/sip/value_cursor.hpp"
#include "net/sip/via.hpp"
