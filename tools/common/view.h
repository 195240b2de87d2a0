/* view.h - what the options of TOOL_VIEW ask for, on the terminal that is reported to. */
#ifndef VIEW_H
#define VIEW_H

#include "tool.h"

enum pf_by view_by(void);
bool view_limited(void); /* --limit was given */
/* The view that these ask for, for the output that --output names; sort and such are for the tool.
 */
struct pf_view view_asked(void);
/* Columns of the terminal that the output goes to; 0: it goes elsewhere. */
unsigned view_terminal_width(void);

#endif
