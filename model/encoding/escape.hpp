#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// How text of a file, a file's name or the command line reaches a person: one function for each medium.
namespace p2pllm {

/// Text for one line of a terminal: of a table, a sentence, or an error line (FORMAT-8).
///
/// A character that is invisible, blank other than the space, or changes what is shown around it (controls, line and
/// paragraph separators, bidirectional and other format characters, fillers, variation selectors, private use, no
/// character at all) becomes `\u` and four hexadecimal digits, or `\U` and eight; a byte that is not UTF-8 (RFC 3629)
/// becomes `\x` and two; a backslash becomes two. Everything else stays.
/// @returns one line of UTF-8, from which the text can be told: no two texts look alike by what they hide
[[nodiscard]] std::string for_terminal(std::string_view text);

/// Text between the tags of an XML document (SVG, XHTML), or in an attribute between double quotes (FORMAT-8): as for
/// a terminal, with the entities of XML. Every text gives a document that is well-formed.
[[nodiscard]] std::string for_xml(std::string_view text);

/// A JSON string in which what `for_terminal` escapes, backslashes aside, is an escape of JSON's (FORMAT-8): the same
/// string to a program that reads it.
/// @param quoted  a JSON string in UTF-8
[[nodiscard]] std::string for_json(std::string_view quoted);

/// A value in an error line (FORMAT-6): its first characters for a terminal, and "..." where there are more.
[[nodiscard]] std::string printable(std::string_view text, std::size_t characters_max = 40);

}  // namespace p2pllm
