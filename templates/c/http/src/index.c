/* Answers GET with the path and POST with what was posted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *variable(const char *name) {
  const char *value = getenv(name);
  return value == NULL ? "" : value;
}

static void post(void) {
  char part[4096];
  size_t length;
  printf("Content-Type: %s\n\n", getenv("CONTENT_TYPE") ? getenv("CONTENT_TYPE") : "text/plain");
  while ((length = fread(part, 1, sizeof part, stdin)) > 0) fwrite(part, 1, length, stdout);
}

int main(void) {
  const char *method = variable("REQUEST_METHOD");
  if (strcmp(method, "GET") == 0) {
    printf("Content-Type: text/plain\n\nhello from %s\n", variable("PATH_INFO"));
  } else if (strcmp(method, "POST") == 0) {
    post();
  } else {
    printf("Status: 405 Method Not Allowed\nAllow: GET, POST\n\n");
  }
}
