/* Stands between a process and the C library, and counts every call that changes a file below one folder. One of them
   can be made to fail, to kill the process, or to be cut short; all of them can be written down, with their data.
   Loaded with LD_PRELOAD; does nothing until it is armed. One process, one thread. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KILL -1  /* before the call */
#define SHORT -2 /* half of a write is done; the next write finds the disk full */

static char root[PATH_MAX];
static int journal = -1;
static long seen, at;
static int fault, full;

/* Begin: `folder` is an absolute path without links, `number` says which call is hit (0 for none). */
void fault_arm(const char *folder, long number, int what, int fd) {
    strncpy(root, folder, sizeof root - 1);
    at = number, fault = what, journal = fd, seen = 0, full = 0;
}

long fault_seen(void) { return seen; }

static void note(const char *name, long file, long place, long size, const char *path, const char *other,
                 const void *data, size_t length) {
    if (journal < 0)
        return;
    char head[2 * PATH_MAX + 200];
    int used = snprintf(head, sizeof head, "%ld\t%s\t%ld\t%ld\t%ld\t%s\t%s\t%zu\n", seen, name, file, place, size, path,
                        other, length);
    syscall(SYS_write, journal, head, used);
    if (length)
        syscall(SYS_write, journal, data, length);
}

void fault_mark(const char *text) {
    note("mark", 0, 0, 0, "", "", text, strlen(text));
}

static int below(const char *path) {
    size_t length = strlen(root);
    return length && !strncmp(path, root, length) && (path[length] == '/' || !path[length]);
}

static int path_of(int fd, char *path) {
    if (!root[0])
        return 0;
    char link[40];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    return below(path);
}

/* Whether this call fails; a kill does not return. SHORT is for the caller to carry out. */
static int hit(const char *name, const char *path, int writes) {
    seen++;
    if (full && writes) {
        errno = ENOSPC;
        return ENOSPC;
    }
    if (seen != at)
        return 0;
    note("hit", 0, 0, 0, path, name, "", 0);
    if (fault == KILL)
        kill(getpid(), SIGKILL);
    if (fault == SHORT && !writes)
        return 0;
    errno = fault > 0 ? fault : 0;
    return fault;
}

static long number_of(int fd) {
    struct stat status;
    return fstat(fd, &status) ? -1 : (long)status.st_ino;
}

#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) \
        real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static int opened(int fd, const char *path, int flags, int was_there) {
    if (fd >= 0 && root[0] && (flags & (O_CREAT | O_TRUNC)) && (flags & O_ACCMODE) != O_RDONLY)
        if (!was_there || (flags & O_TRUNC))
            note(was_there ? "trunc" : "create", number_of(fd), 0, 0, path, "", "", 0);
    return fd;
}

#define OPENS(symbol) \
    int symbol(const char *path, int flags, ...) { \
        mode_t mode = 0; \
        if (flags & (O_CREAT | O_TMPFILE)) { \
            va_list rest; \
            va_start(rest, flags); \
            mode = va_arg(rest, mode_t); \
            va_end(rest); \
        } \
        REAL(int, #symbol, const char *, int, ...); \
        if (!below(path) || !(flags & (O_CREAT | O_DIRECTORY))) \
            return real(path, flags, mode); \
        if (hit("open", path, 0)) \
            return -1; \
        int was_there = !access(path, F_OK); \
        return opened(real(path, flags, mode), path, flags, was_there); \
    }
OPENS(open)
OPENS(open64)

ssize_t write(int fd, const void *data, size_t size) {
    char path[PATH_MAX];
    REAL(ssize_t, "write", int, const void *, size_t);
    if (!path_of(fd, path))
        return real(fd, data, size);
    int broken = hit("write", path, 1);
    if (broken == SHORT)
        full = 1, size /= 2;
    else if (broken)
        return -1;
    struct stat status;
    fstat(fd, &status);
    long place = fcntl(fd, F_GETFL) & O_APPEND ? (long)status.st_size : (long)lseek(fd, 0, SEEK_CUR);
    ssize_t done = real(fd, data, size);
    if (done > 0)
        note("write", number_of(fd), place, done, path, "", data, done);
    return done;
}

#define PWRITES(symbol, offset) \
    ssize_t symbol(int fd, const void *data, size_t size, offset place) { \
        char path[PATH_MAX]; \
        REAL(ssize_t, #symbol, int, const void *, size_t, offset); \
        if (!path_of(fd, path)) \
            return real(fd, data, size, place); \
        int broken = hit("pwrite", path, 1); \
        if (broken == SHORT) \
            full = 1, size /= 2; \
        else if (broken) \
            return -1; \
        ssize_t done = real(fd, data, size, place); \
        if (done > 0) \
            note("write", number_of(fd), (long)place, done, path, "", data, done); \
        return done; \
    }
PWRITES(pwrite, off_t)
PWRITES(pwrite64, off64_t)

#define TRUNCATES(symbol, offset) \
    int symbol(int fd, offset size) { \
        char path[PATH_MAX]; \
        REAL(int, #symbol, int, offset); \
        if (!path_of(fd, path)) \
            return real(fd, size); \
        if (hit("ftruncate", path, 0)) \
            return -1; \
        int done = real(fd, size); \
        if (!done) \
            note("truncate", number_of(fd), 0, (long)size, path, "", "", 0); \
        return done; \
    }
TRUNCATES(ftruncate, off_t)
TRUNCATES(ftruncate64, off64_t)

#define SYNCS(symbol) \
    int symbol(int fd) { \
        char path[PATH_MAX]; \
        REAL(int, #symbol, int); \
        if (!path_of(fd, path)) \
            return real(fd); \
        if (hit(#symbol, path, 0)) \
            return -1; \
        int done = real(fd); \
        if (!done) \
            note("sync", number_of(fd), 0, 0, path, "", "", 0); \
        return done; \
    }
SYNCS(fsync)
SYNCS(fdatasync)

#define NAMES(symbol, parameters, types, arguments, path, other) \
    int symbol parameters { \
        static int(*real) types; \
        if (!real) \
            real = (int(*) types)dlsym(RTLD_NEXT, #symbol); \
        if (!below(path)) \
            return real arguments; \
        if (hit(#symbol, path, 0)) \
            return -1; \
        int done = real arguments; \
        if (!done) \
            note(#symbol, 0, 0, 0, path, other, "", 0); \
        return done; \
    }
NAMES(rename, (const char *a, const char *b), (const char *, const char *), (a, b), a, b)
NAMES(unlink, (const char *a), (const char *), (a), a, "")
NAMES(rmdir, (const char *a), (const char *), (a), a, "")
NAMES(mkdir, (const char *a, mode_t mode), (const char *, mode_t), (a, mode), a, "")
