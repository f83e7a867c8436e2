# Fails unless `PROGRAM claims --markdown` succeeds and prints exactly the file PAGE.
execute_process(COMMAND ${PROGRAM} claims --markdown OUTPUT_VARIABLE output RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${output}\nexit ${status}")
endif()
file(READ ${PAGE} page)
if(NOT output STREQUAL page)
  message(FATAL_ERROR "what the claims come out as differs from ${PAGE}: make it anew")
endif()
