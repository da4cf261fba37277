// Times CGI programs from start to the last byte of their answer, in turns.
//
//     cgi-clock RUNS PROGRAM...
//
// Prints one line of microseconds a run, one column a program. The programs inherit the environment.
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void fail(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

static double microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static pid_t start(char *program, const int pipe_ends[2]) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
    char *const arguments[] = {program, NULL};
    pid_t pid = 0;
    errno = posix_spawn(&pid, program, &actions, NULL, arguments, environ);
    if (errno != 0) {
        fail(program);
    }
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

static size_t read_to_end(int descriptor) {
    static char buffer[1 << 16];
    size_t total = 0;
    for (;;) {
        ssize_t count = read(descriptor, buffer, sizeof buffer);
        if (count == 0) {
            return total;
        }
        if (count < 0 && errno != EINTR) {
            fail("read");
        }
        total += count > 0 ? (size_t)count : 0;
    }
}

static double run(char *program) {
    int pipe_ends[2];
    if (pipe2(pipe_ends, O_CLOEXEC) != 0) {
        fail("pipe2");
    }
    double begin = microseconds();
    pid_t pid = start(program, pipe_ends);
    close(pipe_ends[1]);
    size_t size = read_to_end(pipe_ends[0]);
    double end = microseconds();

    int status = 0;
    if (waitpid(pid, &status, 0) != pid || status != 0 || size == 0) {
        fprintf(stderr, "%s: wait status %d after %zu bytes\n", program, status, size);
        exit(EXIT_FAILURE);
    }
    close(pipe_ends[0]);
    return end - begin;
}

int main(int count, char **arguments) {
    if (count < 3) {
        fprintf(stderr, "usage: cgi-clock RUNS PROGRAM...\n");
        return EXIT_FAILURE;
    }
    for (long left = strtol(arguments[1], NULL, 10); left > 0; left--) {
        for (int i = 2; i < count; i++) {
            printf("%s%.1f", i > 2 ? " " : "", run(arguments[i]));
        }
        printf("\n");
    }
    return EXIT_SUCCESS;
}
