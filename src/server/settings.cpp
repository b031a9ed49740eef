#include "server/settings.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>

namespace vsim::server {

namespace {

// Names and ids of options alike, numbered in order.
std::vector<proto::named_item>
items(std::initializer_list<std::pair<const char*, const char*>> names) {
    std::vector<proto::named_item> all;
    for (const auto& [id, name] : names) {
        all.push_back({id, name, static_cast<std::int64_t>(all.size())});
    }
    return all;
}

} // namespace

proto::site_settings default_site() {
    proto::site_settings site;
    site.site_name = "vStats Dashboard";
    site.site_description = "Real-time Server Monitoring";
    site.social_links.emplace();
    return site;
}

proto::geoip_settings default_geoip() {
    proto::geoip_settings geoip;
    geoip.provider = "auto";
    geoip.auto_update = true;
    return geoip;
}

std::vector<proto::group_dimension> default_dimensions() {
    return {
        {"region",
         "Region",
         "region",
         true,
         0,
         items({{"asia", "Asia"}, {"america", "America"}, {"europe", "Europe"}, {"other", "Other"}})
        },
        {"purpose",
         "Purpose",
         "purpose",
         true,
         1,
         items(
             {{"production", "Production"},
              {"staging", "Staging"},
              {"development", "Development"},
              {"testing", "Testing"}}
         )},
        {"group", "Group", "group", false, 2, {}},
    };
}

} // namespace vsim::server
