#include "proto/decode.hpp"
#include "proto/encode.hpp"
#include "server/api.hpp"
#include "server/secret.hpp"

#include <algorithm>
#include <utility>

namespace vsim::server {

namespace {

using proto::group_dimension;
using proto::named_item;

proto::named_item made_of(const proto::item_patch& wanted) {
    return {random_uuid(), wanted.name.value_or(""), wanted.sort_order.value_or(0)};
}

void change(auto& target, const auto& wanted) {
    target.name = wanted.name.value_or(target.name);
    target.sort_order = wanted.sort_order.value_or(target.sort_order);
    if constexpr (requires { wanted.enabled; }) {
        target.enabled = wanted.enabled.value_or(target.enabled);
    }
}

// Empty when there is none of that id.
template <class T>
T* find_id(std::vector<T>& all, const std::string& id) {
    const auto found = std::ranges::find(all, id, &T::id);
    return found == all.end() ? nullptr : &*found;
}

template <class T>
bool erase_id(std::vector<T>& all, const std::string& id) {
    return std::erase_if(all, [&](const T& one) { return one.id == id; }) > 0;
}

} // namespace

net::task<> api::save_groups() {
    auto text = proto::to_json(p_.set.groups.get());
    co_await save("groups", std::move(text));
}

net::task<> api::save_dimensions() {
    auto text = proto::to_json(p_.set.dimensions.get());
    co_await save("dimensions", std::move(text));
}

net::task<> api::forget(std::function<bool(server_entry&)> what) {
    const auto all = p_.servers.all();
    for (const auto& entry : *all) {
        if (what(*entry)) {
            job j{entry->saved_form()};
            co_await p_.rows.push(std::move(j));
        }
    }
}

template <class Patch, class T>
net::task<net::http_response> api::change_in(
    call c, setting<std::vector<T>>& all, std::string missing, net::task<> (api::*saver)()
) {
    const auto wanted = proto::decode<Patch>(c.request.body);
    if (!wanted) {
        co_return bad_request();
    }
    const auto changed = all.edit([&](auto& items) -> std::optional<T> {
        auto* const found = find_id(items, c.values.front());
        if (found == nullptr) {
            return {};
        }
        change(*found, *wanted);
        return *found;
    });
    if (!changed) {
        co_return error_reply(404, missing);
    }
    co_await (this->*saver)();
    co_return json_reply(200, proto::to_json(*changed));
}

net::task<net::http_response> api::groups(call) {
    co_return json_reply(200, proto::to_json(p_.set.groups.get()));
}

net::task<net::http_response> api::add_group(call c) {
    const auto wanted = proto::decode<proto::item_patch>(c.request.body);
    if (!wanted) {
        co_return bad_request();
    }
    const auto made = made_of(*wanted);
    p_.set.groups.edit([&](auto& all) { all.push_back(made); });
    co_await save_groups();
    co_return json_reply(200, proto::to_json(made));
}

net::task<net::http_response> api::change_group(call c) {
    return change_in<proto::item_patch>(
        std::move(c), p_.set.groups, "Group not found", &api::save_groups
    );
}

net::task<net::http_response> api::delete_group(call c) {
    p_.set.groups.edit([&](auto& all) { return erase_id(all, c.values.front()); });
    co_await save_groups();
    std::function<bool(server_entry&)> what = [id = c.values.front()](server_entry& s) {
        return s.forget_group(id);
    };
    co_await forget(std::move(what));
    co_return empty_reply(200);
}

net::task<net::http_response> api::dimensions(call) {
    co_return json_reply(200, proto::to_json(p_.set.dimensions.get()));
}

net::task<net::http_response> api::add_dimension(call c) {
    const auto wanted = proto::decode<proto::dimension_patch>(c.request.body);
    if (!wanted) {
        co_return bad_request();
    }
    group_dimension made;
    made.id = random_uuid();
    made.name = wanted->name.value_or("");
    made.key = wanted->key.value_or("");
    made.enabled = wanted->enabled.value_or(false);
    made.sort_order = wanted->sort_order.value_or(0);
    const bool is_new = p_.set.dimensions.edit([&](auto& all) {
        const bool free = std::ranges::find(all, made.key, &group_dimension::key) == all.end();
        if (free) {
            all.push_back(made);
        }
        return free;
    });
    if (!is_new) {
        co_return error_reply(409, "Dimension key already exists");
    }
    co_await save_dimensions();
    co_return json_reply(200, proto::to_json(made));
}

net::task<net::http_response> api::change_dimension(call c) {
    return change_in<proto::dimension_patch>(
        std::move(c), p_.set.dimensions, "Dimension not found", &api::save_dimensions
    );
}

net::task<net::http_response> api::delete_dimension(call c) {
    p_.set.dimensions.edit([&](auto& all) { return erase_id(all, c.values.front()); });
    co_await save_dimensions();
    std::function<bool(server_entry&)> what = [id = c.values.front()](server_entry& s) {
        return s.forget_dimension(id);
    };
    co_await forget(std::move(what));
    co_return empty_reply(200);
}

net::task<net::http_response> api::add_option(call c) {
    const auto wanted = proto::decode<proto::item_patch>(c.request.body);
    if (!wanted) {
        co_return bad_request();
    }
    const auto made = made_of(*wanted);
    const bool known = p_.set.dimensions.edit([&](auto& all) {
        auto* const dimension = find_id(all, c.values.front());
        if (dimension != nullptr) {
            dimension->options.push_back(made);
        }
        return dimension != nullptr;
    });
    if (!known) {
        co_return error_reply(404, "Dimension not found");
    }
    co_await save_dimensions();
    co_return json_reply(200, proto::to_json(made));
}

net::task<net::http_response> api::change_option(call c) {
    const auto wanted = proto::decode<proto::item_patch>(c.request.body);
    if (!wanted) {
        co_return bad_request();
    }
    const auto changed = p_.set.dimensions.edit([&](auto& all) -> std::optional<named_item> {
        auto* const dimension = find_id(all, c.values[0]);
        auto* const found = dimension ? find_id(dimension->options, c.values[1]) : nullptr;
        if (found == nullptr) {
            return {};
        }
        change(*found, *wanted);
        return *found;
    });
    if (!changed) {
        co_return error_reply(404, "Option not found");
    }
    co_await save_dimensions();
    co_return json_reply(200, proto::to_json(*changed));
}

net::task<net::http_response> api::delete_option(call c) {
    const bool was = p_.set.dimensions.edit([&](auto& all) {
        auto* const dimension = find_id(all, c.values[0]);
        return dimension != nullptr && erase_id(dimension->options, c.values[1]);
    });
    if (!was) {
        co_return error_reply(404, "Option not found");
    }
    co_await save_dimensions();
    std::function<bool(server_entry&)> what = [id = c.values[1]](server_entry& s) {
        return s.forget_option(id);
    };
    co_await forget(std::move(what));
    co_return empty_reply(200);
}

} // namespace vsim::server
