/* no_sync.c - test programs don't wait for disks. None of them loses power: what was written is there for whoever reads next, also when the
 * writer was killed. In place of the C library's for the program and what it links (RocksDB); a test that makes them fail brings its own. */
#include <fcntl.h>
#include <unistd.h>

/* As the real one: no descriptor, no success. */
int fsync(int fd)
{
    return fcntl(fd, F_GETFD) < 0 ? -1 : 0;
}

int fdatasync(int fd)
{
    return fsync(fd);
}
