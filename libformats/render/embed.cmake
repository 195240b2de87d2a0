# embed.cmake - writes OUT, C that holds each of the files IN as a string named pf_web_NAME, and for
# a content security policy its SHA-256 in base64, pf_web_NAME_sha256. What is no letter or digit in
# a name becomes an underscore.
set(alphabet ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/)

# Three hexadecimal digits are two of base64; 64 of them and two zeros end in one digit of padding.
function(base64_of_sha256 hex result)
  set(text "")
  foreach(at RANGE 0 63 3)
    string(SUBSTRING "${hex}00" ${at} 3 digits)
    math(EXPR high "0x${digits} >> 6")
    math(EXPR low "0x${digits} & 63")
    string(SUBSTRING ${alphabet} ${high} 1 high)
    string(SUBSTRING ${alphabet} ${low} 1 low)
    string(APPEND text ${high}${low})
  endforeach()
  string(SUBSTRING ${text} 0 43 text)
  set(${result} "${text}=" PARENT_SCOPE)
endfunction()

file(WRITE ${OUT} "/* made by embed.cmake */\n#include \"web.h\"\n")
foreach(file IN LISTS IN)
  get_filename_component(name ${file} NAME)
  string(REGEX REPLACE "[^a-z0-9]" "_" name ${name})
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  file(SHA256 ${file} hash)
  base64_of_sha256(${hash} hash)
  file(APPEND ${OUT} "const char pf_web_${name}[] = {${bytes}0};\nconst char pf_web_${name}_sha256[] = \"${hash}\";\n")
endforeach()
