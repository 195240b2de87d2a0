/* fence.c - what a command may open once it reads: what its command line names. */
#include "common.h"

#include <string.h>

enum { MAX_LISTS = 4 };

static struct {
    const char *const *paths;
    int n;
} readable[MAX_LISTS];
static int lists;
static char **operands;
static const char *const *folders, *beside;
static bool is_shut;

void tool_may_read(const char *const *paths, int n)
{
    if (lists == MAX_LISTS)
        die("more lists of files than there is room for");
    readable[lists].paths = paths;
    readable[lists++].n = n;
}

void tool_works(const char *const *in, const char *beside_file)
{
    folders = in;
    beside = beside_file;
}

void fence_operands(char **paths)
{
    operands = paths;
}

void tool_fence(void)
{
    if (is_shut)
        return;
    is_shut = true;

    int fence = pf_fence();
    for (char **path = operands; path && *path; path++)
        pf_fence_read(fence, *path);
    for (int i = 0; i < lists; i++)
        for (int k = 0; k < readable[i].n; k++)
            pf_fence_read(fence, readable[i].paths[k]);
    if (given.output && strcmp(given.output, "-") != 0)
        pf_fence_replace(fence, &tool_mem, given.output);
    for (const char *const *folder = folders; folder && *folder; folder++)
        pf_fence_work(fence, *folder);
    if (beside)
        pf_fence_work_beside(fence, &tool_mem, beside);
    pf_fence_shut(fence);
}
