#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// These functions prepare text from a file, a file's name or the command line for display: one function for each
// medium.
namespace p2pllm {

/// Escapes text for one line of a terminal: in a table, a sentence, or an error line (FORMAT-8).
///
/// A character that is invisible, is blank but not the space, or changes how the text around it is shown (controls,
/// line and paragraph separators, bidirectional and other format characters, fillers, variation selectors, private use,
/// noncharacters) becomes `\u` and four hexadecimal digits, or `\U` and eight. A byte that is not UTF-8 (RFC 3629)
/// becomes `\x` and two digits, and a backslash becomes two. Everything else is unchanged.
/// @returns one line of UTF-8, from which the original text can be recovered: no two texts look alike because of hidden
///   characters
[[nodiscard]] std::string for_terminal(std::string_view text);

/// Escapes text between the tags of an XML document (SVG, XHTML), or in an attribute between double quotes (FORMAT-8):
/// as for a terminal, and with the entities of XML. Any text gives a well-formed document.
[[nodiscard]] std::string for_xml(std::string_view text);

/// Rewrites a JSON string so that the characters `for_terminal` escapes, except backslashes, are JSON escapes
/// (FORMAT-8). A program that reads it gets the same string.
/// @param quoted  a JSON string in UTF-8
[[nodiscard]] std::string for_json(std::string_view quoted);

/// A value in an error line (FORMAT-6): its first characters, escaped for a terminal, and "..." if there are more.
[[nodiscard]] std::string printable(std::string_view text, std::size_t characters_max = 40);

/// A key as a token of a JSON pointer (RFC 6901) in an error line.
[[nodiscard]] std::string escape_pointer(std::string_view key);

}  // namespace p2pllm
