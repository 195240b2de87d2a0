/* view.c - what the options of TOOL_VIEW ask for, on the terminal that is reported to. */
#include "view.h"

#include "common.h"

#include <sys/ioctl.h>
#include <unistd.h>

enum { USUAL_LIMIT = 30 };

/* --by's words are in the order of people, not of enum pf_by. */
enum pf_by view_by(void)
{
    static const enum pf_by by[] = {PF_BY_FUNCTION, PF_BY_FILE, PF_BY_LINE, PF_BY_MODULE,
                                    PF_BY_STACK};
    return by[given_view.by];
}

bool view_limited(void)
{
    return given_view.limit >= 0;
}

unsigned view_terminal_width(void)
{
    struct winsize size;

    if (given.output || !isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
        return 0;
    return size.ws_col;
}

static uint32_t limit(bool data)
{
    if (given_view.limit >= 0)
        return (uint32_t)given_view.limit;
    return data ? 0 : USUAL_LIMIT;
}

struct pf_view view_asked(void)
{
    enum pf_layout layout = (enum pf_layout)given_view.layout;

    return (struct pf_view){
        .layout = layout,
        .limit = limit(layout != PF_TEXT && layout != PF_MARKDOWN),
        .raw = given_view.unit == 1,
        .color = layout == PF_TEXT && tool_color(),
        .width = layout == PF_TEXT ? view_terminal_width() : 0,
    };
}
