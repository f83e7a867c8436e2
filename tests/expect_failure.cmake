# Runs a command that must fail for the given reason.
#   cmake -DCOMMAND=program|argument|... -DREASON=regex -P expect_failure.cmake
string(REPLACE "|" ";" command "${COMMAND}")
execute_process(COMMAND ${command} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT status MATCHES "^[0-9]+$")
  message(FATAL_ERROR "it did not end in order: ${status}\n${output}")
elseif(status EQUAL 0)
  message(FATAL_ERROR "it passed, and must fail:\n${output}")
elseif(NOT output MATCHES "${REASON}")
  message(FATAL_ERROR "it failed for another reason than \"${REASON}\":\n${output}")
endif()
message(STATUS "failed as it must: ${CMAKE_MATCH_0}")
