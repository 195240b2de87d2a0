/* web.h - the styles and scripts of pictures: the files of web/, put into the library by
 * embed.cmake, with their SHA-256 in base64 for a content security policy. */
#ifndef WEB_H
#define WEB_H

#define PF_WEB(name) extern const char pf_web_##name[], pf_web_##name##_sha256[];
PF_WEB(flame_svg_css)
PF_WEB(flame_svg_js)
PF_WEB(flame_html)
PF_WEB(plot_svg_css)
PF_WEB(flame_html_css)
PF_WEB(flame_html_js)
PF_WEB(flame_tree_js)
PF_WEB(list_css)
#undef PF_WEB

#endif
