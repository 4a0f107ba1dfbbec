#include "http/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/str.h"

enum { BACKLOG = 1024 };

static bool is_loopback(const struct sockaddr *a)
{
    if (a->sa_family == AF_INET)
        return (ntohl(((const struct sockaddr_in *)a)->sin_addr.s_addr) >> 24) == 127;
    return a->sa_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)a)->sin6_addr);
}

static void describe(int fd, char text[LISTEN_TEXT])
{
    struct sockaddr_storage a = {.ss_family = AF_UNSPEC};
    socklen_t n = sizeof(a);
    char host[64] = "?";
    char port[16] = "?";
    if (getsockname(fd, (struct sockaddr *)&a, &n) == 0)
        getnameinfo((struct sockaddr *)&a, n, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(text, LISTEN_TEXT, a.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

/* host and port as two texts in `copy`. */
static bool split(char *copy, char **host, char **port)
{
    char *colon = strrchr(copy, ':');
    if (!colon || !colon[1])
        return false;
    *colon = '\0';
    *port = colon + 1;
    *host = copy;
    size_t n = strlen(copy);
    if (n > 2 && copy[0] == '[' && copy[n - 1] == ']') {
        copy[n - 1] = '\0';
        *host = copy + 1;
    }
    uint64_t number;
    return **host != '\0' && str_to_u64(str_of(*port), &number) && number <= 65535;
}

int listen_tcp(const char *address, int *ret_fd, bool *ret_loopback, char ret_text[LISTEN_TEXT],
               struct mq_error *err)
{
    char copy[LISTEN_TEXT];
    char *host;
    char *port;
    struct addrinfo *found = NULL;
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    int n = snprintf(copy, sizeof(copy), "%s", address);
    if (n < 0 || (size_t)n >= sizeof(copy) || !split(copy, &host, &port))
        return mq_fail(err, MQ_INVALID, "listen: %.100s: give ADDR:PORT, as 127.0.0.1:8080",
                       address);
    if (getaddrinfo(host, port, &hints, &found) != 0 || !found)
        return mq_fail(err, MQ_INVALID, "listen: %.100s: is no address of this machine", address);
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int rc = fd < 0 ? mq_fail_errno(err, errno, "listen: %.100s", address) : 0;
    /* A server that ended a moment ago must not keep its successor out. */
    if (rc == 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (rc == 0 && (bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0)) {
        rc = errno == EADDRINUSE ? mq_fail(err, MQ_CONFLICT,
                                           "listen: %.100s: is in use: give another port", address)
                                 : mq_fail_errno(err, errno, "listen: %.100s", address);
        close(fd);
    }
    if (rc == 0) {
        *ret_loopback = is_loopback(found->ai_addr);
        *ret_fd = fd;
        describe(fd, ret_text);
    }
    freeaddrinfo(found);
    return rc;
}

static bool answers(const struct sockaddr_un *a)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool there = fd >= 0 && connect(fd, (const struct sockaddr *)a, sizeof(*a)) == 0;
    if (fd >= 0)
        close(fd);
    return there;
}

int listen_local(const char *path, int *ret_fd, struct mq_error *err)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    size_t n = strlen(path);
    if (n >= sizeof(a.sun_path))
        return mq_fail(err, MQ_TOO_LARGE,
                       "socket: %s: the name is over %zu bytes: use a shorter folder", path,
                       sizeof(a.sun_path) - 1);
    memcpy(a.sun_path, path, n + 1);
    if (answers(&a))
        return mq_fail(err, MQ_CONFLICT, "socket: %s: another server answers there", path);
    unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return mq_fail_errno(err, errno, "socket: %s", path);
    /* The mode is the socket file's from its first moment on: nobody else gets in between. */
    mode_t old = umask(0177);
    int failed = bind(fd, (const struct sockaddr *)&a, sizeof(a)) != 0 ? errno : 0;
    umask(old);
    if (failed == 0 && listen(fd, BACKLOG) != 0)
        failed = errno;
    if (failed) {
        close(fd);
        return mq_fail_errno(err, failed, "socket: %s", path);
    }
    *ret_fd = fd;
    return 0;
}
