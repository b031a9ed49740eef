#include "server/excerpt.hpp"

#include <algorithm>
#include <cctype>

namespace vsim::server {

namespace {

constexpr std::size_t secret_length = 32; // a UUID, a hash; nothing else in the protocol is so long
constexpr std::string_view hidden = "***";

bool is_number(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// "metrics.disks.0.total" → "total", "metrics.disks.0" → "disks"
std::string_view last_name(std::string_view path) {
    while (!path.empty()) {
        const auto dot = path.rfind('.');
        const auto name = dot == path.npos ? path : path.substr(dot + 1);
        if (!is_number(name)) {
            return name;
        }
        path = path.substr(0, dot == path.npos ? 0 : dot);
    }
    return {};
}

std::size_t start_of(std::string_view json, std::string_view path) {
    const auto name = last_name(path);
    if (name.empty()) {
        return 0;
    }
    const auto found = json.find(std::string{"\""}.append(name).append("\""));
    return found == json.npos ? 0 : found;
}

// The end of the quoted text that begins at `from`, its quote included.
std::size_t end_of_text(std::string_view json, std::size_t from) {
    for (auto i = from + 1; i < json.size(); ++i) {
        if (json[i] == '\\') {
            ++i;
        } else if (json[i] == '"') {
            return i + 1;
        }
    }
    return json.size();
}

std::size_t skip_space(std::string_view json, std::size_t from) {
    return std::min(json.find_first_not_of(" \t\r\n", from), json.size());
}

bool is_at(std::string_view json, std::size_t at, char c) {
    return at < json.size() && json[at] == c;
}

bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
}

bool mentions_token(std::string_view text) {
    std::string lower{text};
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return lower.find("token") != lower.npos;
}

// The name of a token, or one with escapes, which may spell it.
bool names_a_token(std::string_view quoted) {
    const auto inner = quoted.substr(1, quoted.size() - 2);
    return std::ranges::all_of(inner, [](char c) { return is_word(c) || c == '\\'; }) &&
           (mentions_token(inner) || inner.find('\\') != inner.npos);
}

std::string printable(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out += c >= 0x20 && c < 0x7f ? c : '?';
    }
    return out;
}

// Takes a text apart from its start, so that it knows where a token stands, and gives the pieces
// back as they may be shown.
class censor {
public:
    explicit censor(std::string_view json) : json_{json} {}

    std::size_t position() const { return at_; }
    bool is_done() const { return at_ >= json_.size(); }

    // Precondition: !is_done().
    std::string next() {
        if (json_[at_] == '"') {
            return next_text();
        }
        auto end = at_;
        while (end < json_.size() && is_word(json_[end])) {
            ++end;
        }
        const auto piece = take(std::max(end, at_ + 1));
        if (mentions_token(piece) || piece == "\\") {
            return give_up(); // not JSON: nobody knows where its value ends
        }
        return piece.size() >= secret_length ? std::string{hidden} : printable(piece);
    }

private:
    std::string_view take(std::size_t end) {
        const auto piece = json_.substr(at_, end - at_);
        at_ = end;
        return piece;
    }

    std::string give_up() {
        at_ = json_.size();
        return std::string{hidden}.append("...");
    }

    std::string next_text() {
        const auto text = take(end_of_text(json_, at_));
        const auto colon = skip_space(json_, at_);
        if (is_at(json_, colon, ':') && names_a_token(text)) {
            const auto value = skip_space(json_, colon + 1);
            if (!is_at(json_, value, '"')) {
                return printable(text) + ':' + give_up();
            }
            at_ = end_of_text(json_, value);
            return printable(text) + ':' + (goes_on() ? std::string{hidden} : give_up());
        }
        if (mentions_token(text)) {
            return give_up();
        }
        return text.size() >= secret_length + 2 ? std::string{hidden} : printable(text);
    }

    // Whether what follows the value of a token is what follows it in JSON.
    bool goes_on() const {
        const auto next = skip_space(json_, at_);
        if (next == json_.size() || json_[next] == '}' || json_[next] == ']') {
            return true;
        }
        const auto name = skip_space(json_, next + 1);
        return json_[next] == ',' && is_at(json_, name, '"') &&
               is_at(json_, skip_space(json_, end_of_text(json_, name)), ':');
    }

    std::string_view json_;
    std::size_t at_ = 0;
};

} // namespace

std::string excerpt(std::string_view json, std::string_view path, std::size_t most) {
    const auto begin = start_of(json, path);
    std::string out = begin > 0 ? "..." : "";
    censor rest{json};
    while (!rest.is_done() && out.size() < most) {
        const auto piece = rest.next();
        if (rest.position() > begin) {
            out += piece;
        }
    }
    return rest.is_done() ? out : out + "...";
}

} // namespace vsim::server
