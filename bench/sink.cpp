// A server that takes everything and keeps nothing: it answers the version, upgrades, says ok to
// auth, answers pings and closes, and throws the rest away unread. One thread, epoll. So a run
// against it costs what sending costs, and little of this machine goes to the other side.
//
// Not a WebSocket server: it believes every length, and speaks to this repository's clients only.

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

constexpr unsigned longest_life = 3600; // s; whoever started it may be gone
constexpr std::size_t largest_head = 8192;
constexpr std::size_t piece_size = 256 * 1024;
constexpr std::uint64_t at_once = 64 << 20; // thrown away by one call

struct connection {
    int fd = -1;
    bool is_upgraded = false;
    bool is_welcome = false;
    std::uint64_t to_skip = 0; // of the payload under way
    std::string pending;       // a request or a frame of which the rest has not come
};

[[noreturn]] void die(const char* what) {
    std::fprintf(stderr, "sink: %s: %s\n", what, std::strerror(errno));
    std::exit(1);
}

// Answers are small and a client that does not take them is a lost one.
bool say(const connection& c, std::string_view text) {
    const auto n = ::send(c.fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return n == static_cast<ssize_t>(text.size());
}

// --- HTTP

// Of the header `name`, in lower case with its colon.
std::string header(const std::string& request, std::string_view name) {
    for (std::size_t at = request.find("\r\n"); at != std::string::npos;
         at = request.find("\r\n", at + 2)) {
        if (::strncasecmp(request.c_str() + at + 2, name.data(), name.size()) == 0) {
            const auto begin = request.find_first_not_of(' ', at + 2 + name.size());
            return request.substr(begin, request.find('\r', begin) - begin);
        }
    }
    return {};
}

std::string accept_key(const std::string& key) {
    const std::string text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char digest[SHA_DIGEST_LENGTH];
    ::SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
    char out[32];
    ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out), digest, sizeof digest);
    return out;
}

// False: the connection is of no further use.
bool answer_request(connection& c, const std::string& request) {
    if (request.starts_with("GET /ws/agent ")) {
        c.is_upgraded = true;
        return say(
            c,
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: " +
                accept_key(header(request, "sec-websocket-key:")) + "\r\n\r\n"
        );
    }
    if (request.starts_with("GET /api/version ")) {
        return say(
            c,
            "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
            "Content-Length: 37\r\n\r\n{\"version\":\"sink\",\"channel\":\"stable\"}"
        );
    }
    say(c, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    return false;
}

// --- Frames

struct frame {
    unsigned opcode = 0;
    bool is_final = false;
    std::size_t header = 0; // bytes, with the mask key; 0 = not all of it is there
    std::uint64_t payload = 0;
};

frame parse(std::string_view in) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(in[i]); };
    frame f;
    if (in.size() < 2) {
        return f;
    }
    f.opcode = byte(0) & 0x0fU;
    f.is_final = (byte(0) & 0x80U) != 0;
    const unsigned length = byte(1) & 0x7fU;
    const std::size_t extra = length == 127 ? 8 : length == 126 ? 2 : 0;
    const std::size_t header = 2 + extra + 4; // a client masks
    if (in.size() < header) {
        return f;
    }
    f.payload = length;
    if (extra > 0) {
        f.payload = 0;
        for (std::size_t i = 0; i < extra; ++i) {
            f.payload = f.payload << 8 | byte(2 + i);
        }
    }
    f.header = header;
    return f;
}

std::string control(unsigned opcode, std::string_view masked, const char* key) {
    std::string out{static_cast<char>(0x80U | opcode), static_cast<char>(masked.size())};
    for (std::size_t i = 0; i < masked.size(); ++i) {
        out += static_cast<char>(masked[i] ^ key[i % 4]);
    }
    return out;
}

// A control frame that is there as a whole. False: the connection is over.
bool answer_control(const connection& c, const frame& f, std::string_view in) {
    constexpr unsigned close = 8;
    constexpr unsigned ping = 9;
    constexpr unsigned pong = 10;
    const auto payload = in.substr(f.header, f.payload);
    const char* key = in.data() + f.header - 4;
    if (f.opcode == ping) {
        return say(c, control(pong, payload, key));
    }
    if (f.opcode == close) {
        say(c, control(close, payload, key));
        return false;
    }
    return true;
}

// Takes frames off the front of `in`. False: the connection is over.
bool take_frames(connection& c, std::string_view& in) {
    while (!in.empty()) {
        const auto skipped = std::min<std::uint64_t>(c.to_skip, in.size());
        in.remove_prefix(skipped);
        c.to_skip -= skipped;
        const auto f = parse(in);
        const bool is_control = f.opcode >= 8;
        if (f.header == 0 || (is_control && in.size() < f.header + f.payload)) {
            return true; // more has to come
        }
        if (is_control && !answer_control(c, f, in)) {
            return false;
        }
        if (!is_control && f.is_final && !c.is_welcome) {
            c.is_welcome = true;
            constexpr std::string_view ok = R"({"type":"auth","status":"ok"})";
            if (!say(c, std::string{'\x81', static_cast<char>(ok.size())}.append(ok))) {
                return false;
            }
        }
        in.remove_prefix(f.header);
        c.to_skip = f.payload;
    }
    return true;
}

// --- Connections

bool take(connection& c, std::string_view in) {
    if (!c.pending.empty()) {
        c.pending += in;
        in = c.pending;
    }
    while (!c.is_upgraded) {
        const auto end = in.find("\r\n\r\n");
        if (end == std::string_view::npos) {
            break;
        }
        if (!answer_request(c, std::string{in.substr(0, end + 4)})) {
            return false;
        }
        in.remove_prefix(end + 4);
    }
    if (c.is_upgraded && !take_frames(c, in)) {
        return false;
    }
    c.pending = std::string{in}; // a copy: `in` may be a part of it
    return c.pending.size() <= largest_head;
}

// One piece, then it is another's turn. False: the connection is over.
bool read_some(connection& c) {
    static char piece[piece_size];
    // Where a long payload is under way, the kernel throws it away without a copy.
    if (c.to_skip > 0) {
        const auto n = ::recv(c.fd, nullptr, std::min(c.to_skip, at_once), MSG_TRUNC);
        if (n <= 0) {
            return n < 0 && errno == EAGAIN;
        }
        c.to_skip -= static_cast<std::uint64_t>(n);
        return true;
    }
    const auto n = ::recv(c.fd, piece, sizeof piece, 0);
    if (n <= 0) {
        return n < 0 && errno == EAGAIN;
    }
    return take(c, {piece, static_cast<std::size_t>(n)});
}

void watch(int epoll, int fd, void* what) {
    epoll_event e{};
    e.events = EPOLLIN;
    e.data.ptr = what;
    if (::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) != 0) {
        die("epoll_ctl");
    }
}

void accept_all(int epoll, int listener) {
    for (;;) {
        const int fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EAGAIN || errno == ECONNABORTED) {
                return;
            }
            die("accept");
        }
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        auto* c = new connection;
        c->fd = fd;
        watch(epoll, fd, c);
    }
}

int listen_anywhere() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    auto* const address = reinterpret_cast<sockaddr*>(&at);
    if (fd < 0 || ::bind(fd, address, size) != 0 || ::listen(fd, 4096) != 0 ||
        ::getsockname(fd, address, &size) != 0) {
        die("listen");
    }
    std::printf("listening on http://127.0.0.1:%d\n", ntohs(at.sin_port));
    std::fflush(stdout);
    return fd;
}

} // namespace

int main() {
    ::alarm(longest_life);
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);

    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    const int listener = listen_anywhere();
    watch(epoll, listener, nullptr);
    for (;;) {
        epoll_event events[256];
        const int n = ::epoll_wait(epoll, events, 256, -1);
        if (n < 0 && errno != EINTR) {
            die("epoll_wait");
        }
        for (int i = 0; i < n; ++i) {
            auto* c = static_cast<connection*>(events[i].data.ptr);
            if (c == nullptr) {
                accept_all(epoll, listener);
            } else if (!read_some(*c)) {
                ::close(c->fd);
                delete c;
            }
        }
    }
}
