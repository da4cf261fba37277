#include <malloc.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>

/* What glibc declares for programs that define _GNU_SOURCE only, which Swift's import of glibc does not. */
int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);
int pipe2(int descriptors[2], int flags);
int memfd_create(const char *name, unsigned int flags);
/* Since glibc 2.34. */
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int lowest);

/* A file without a name in memory, closed when another program is run; negative on failure. */
static inline int hookline_memory_file(void)
{
    return memfd_create("hookline", 1U /* MFD_CLOEXEC */);
}

/* Swift cannot call functions with variable arguments. */
static inline int hookline_set_dumpable(int dumpable)
{
    return prctl(PR_SET_DUMPABLE, (unsigned long)dumpable, 0UL, 0UL, 0UL);
}
