#include <malloc.h>
#include <spawn.h>
#include <sys/socket.h>

/* What glibc declares for programs that define _GNU_SOURCE only, which Swift's import of glibc does not. */
int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);
/* Since glibc 2.34. */
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int lowest);
