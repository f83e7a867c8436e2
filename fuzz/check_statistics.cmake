# Fails unless the page is what the program says about the corpora.
execute_process(COMMAND ${PROGRAM} --statistics ${CORPORA} OUTPUT_VARIABLE told RESULT_VARIABLE failed)
file(READ ${PAGE} page)
if(failed OR NOT told STREQUAL page)
  message(FATAL_ERROR "${PAGE} is stale: build/dev/fuzz/make_corpus --statistics fuzz/corpus > ${PAGE}")
endif()
