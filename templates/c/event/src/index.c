/* Reads an event such as {"celsius":21.5} and answers {"fahrenheit":70.7}. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
  static char event[65536];
  event[fread(event, 1, sizeof event - 1, stdin)] = '\0';

  const char *key = strstr(event, "\"celsius\"");
  const char *colon = key == NULL ? NULL : strchr(key, ':');
  char *end = NULL;
  double celsius = colon == NULL ? 0 : strtod(colon + 1, &end);
  if (colon == NULL || end == colon + 1) {
    fprintf(stderr, "the event has no number \"celsius\"\n");
    return 1;
  }
  printf("{\"fahrenheit\":%g}\n", celsius * 9 / 5 + 32);
}
