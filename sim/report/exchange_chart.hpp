// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "report/exchange.hpp"
#include "report/html_page.hpp"

namespace reveille::sim::html {

/// What exchange.js draws: every exchange with its steps, their frames' octets and their places in the captures, and
/// which one to begin with, `first`.
Json exchange_chart(const std::vector<Exchange>& exchanges);

/// The one to begin with as words, for a page without scripts; false if there is none.
Json first_exchange(const Json& chart);

}  // namespace reveille::sim::html
