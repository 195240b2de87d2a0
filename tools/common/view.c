/* view.c - the options that every reporting command shares, and the terminal it reports to. */
#include "view.h"

#include "common.h"

#include <sys/ioctl.h>
#include <unistd.h>

enum { USUAL_LIMIT = 30, NOT_GIVEN = -1 };

struct view_options view_options = {.limit = NOT_GIVEN};

/* --by's words are in the order of people, not of enum pf_by. */
enum pf_by view_by(void)
{
    static const enum pf_by by[] = {PF_BY_FUNCTION, PF_BY_FILE, PF_BY_LINE, PF_BY_MODULE,
                                    PF_BY_STACK};
    return by[view_options.by];
}

/* Columns of the terminal that the output goes to; 0: it goes elsewhere. */
static unsigned terminal_width(void)
{
    struct winsize size;

    if (given.output || !isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
        return 0;
    return size.ws_col;
}

static uint32_t limit(bool data)
{
    if (view_options.limit != NOT_GIVEN)
        return (uint32_t)view_options.limit;
    return data ? 0 : USUAL_LIMIT;
}

struct pf_view view_asked(void)
{
    enum pf_layout layout = (enum pf_layout)view_options.layout;

    return (struct pf_view){
        .layout = layout,
        .limit = limit(layout == PF_JSON || layout == PF_CSV),
        .raw = view_options.unit == 1,
        .color = layout == PF_TEXT && tool_color(),
        .width = layout == PF_TEXT ? terminal_width() : 0,
    };
}
