#include "floor_sockets.hpp"

#include "model/machine.hpp"
#include "net/frame_writer.hpp"
#include "proto/decode.hpp"
#include "proto/encode.hpp"
#include "util/parse.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <netinet/tcp.h>
#include <optional>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <variant>

namespace vsim::bench {

namespace {

constexpr timeval patience{10, 0}; // for any one call

[[noreturn]] void die_of_errno(const std::string& what) {
    die(what + ": " + std::strerror(errno));
}

template <class T>
void set(int fd, int level, int option, const T& value) {
    if (::setsockopt(fd, level, option, &value, sizeof value) != 0) {
        die_of_errno("setsockopt");
    }
}

int open_socket(const sockaddr_in& to) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        die_of_errno("socket");
    }
    set(fd, SOL_SOCKET, SO_SNDTIMEO, patience);
    set(fd, SOL_SOCKET, SO_RCVTIMEO, patience);
    set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
        die_of_errno("connect");
    }
    return fd;
}

void receive_more(int fd, std::string& into) {
    char piece[4096];
    const auto n = ::recv(fd, piece, sizeof piece, 0);
    if (n < 0) {
        die_of_errno("recv");
    }
    if (n == 0) {
        die("the server closed the connection before it answered auth");
    }
    into.append(piece, static_cast<std::size_t>(n));
}

// Returns what came behind the answer.
std::string upgrade(int fd) {
    send_all(
        fd,
        "GET /ws/agent HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    constexpr std::string_view end = "\r\n\r\n";
    std::string answer;
    while (answer.find(end) == std::string::npos) {
        receive_more(fd, answer);
    }
    if (!answer.starts_with("HTTP/1.1 101")) {
        die("the server refused the upgrade: " + answer.substr(0, answer.find('\r')));
    }
    return answer.substr(answer.find(end) + end.size());
}

// The payload of the first frame, once it is there; a server does not mask.
std::optional<std::string> first_payload(const std::string& in) {
    constexpr std::size_t short_header = 2;
    constexpr std::size_t long_header = 4;
    if (in.size() < long_header) {
        return std::nullopt;
    }
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(in[i]); };
    if (byte(0) != 0x81 || byte(1) > 126) {
        die("the answer to auth is not a text frame of less than 64 KB");
    }
    const bool is_long = byte(1) == 126;
    const auto begin = is_long ? long_header : short_header;
    const std::size_t size = is_long ? std::size_t{byte(2)} << 8 | byte(3) : byte(1);
    if (in.size() < begin + size) {
        return std::nullopt;
    }
    return in.substr(begin, size);
}

void authenticate(int fd, const agent::identity& who, std::string in) {
    proto::auth_request request;
    request.server_id = who.id;
    request.token = who.token;
    request.version = model::agent_version;
    send_all(fd, frame_of(proto::to_json(request)));
    auto text = first_payload(in);
    while (!text) {
        receive_more(fd, in);
        text = first_payload(in);
    }
    const auto message = proto::decode_server_message(*text);
    const auto* reply = message ? std::get_if<proto::auth_reply>(&*message) : nullptr;
    if (reply == nullptr || !reply->ok()) {
        die("auth was refused: " + *text);
    }
}

} // namespace

void die(const std::string& why) {
    std::fprintf(stderr, "floor: %s\n", why.c_str());
    std::exit(1);
}

sockaddr_in loopback_address(const std::string& url) {
    const auto parsed = util::parse_url(url);
    if (!parsed) {
        die("--server: " + parsed.error().message);
    }
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(parsed->port);
    if (parsed->tls || !parsed->path.empty() ||
        ::inet_pton(AF_INET, parsed->host.c_str(), &to.sin_addr) != 1 ||
        ntohl(to.sin_addr.s_addr) >> 24 != 127) {
        die("--server: '" + url + "' is not http://127.x.y.z:port");
    }
    return to;
}

int join(const sockaddr_in& to, const agent::identity& who) {
    const int fd = open_socket(to);
    authenticate(fd, who, upgrade(fd));
    return fd;
}

std::string frame_of(const std::string& payload) {
    const auto key = net::fresh_mask_key();
    std::string frame{net::make_header(net::opcode::text, true, payload.size(), key).view()};
    const auto begin = frame.size();
    frame.resize(begin + payload.size());
    net::mask_into(frame.data() + begin, payload, key, 0);
    return frame;
}

void send_all(int fd, const std::string& bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) { // once, but for a message larger than the socket's buffer
        const auto n = ::send(fd, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
        if (n < 0) {
            die_of_errno("send");
        }
        done += static_cast<std::size_t>(n);
    }
}

} // namespace vsim::bench
