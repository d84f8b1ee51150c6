/* Copyright */
#include <stdio.h>

#ifdef A
static int one(void)
{
    return 1;
}
#else
static int one(int x, char *y)
{
    return 2;
}
#endif

int x = 3;
struct point {
    int x;
};
