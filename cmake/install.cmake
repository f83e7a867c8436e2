include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/p2pllm)
install(TARGETS p2pllm_model p2pllm_reference p2pllm_checker p2pllm_kernels p2pllm_optimized p2pllm_parties EXPORT p2pllm-targets)
foreach(folder model reference checker kernels optimized parties)
  install(DIRECTORY ${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/p2pllm FILES_MATCHING PATTERN "*.hpp")
endforeach()
install(EXPORT p2pllm-targets NAMESPACE p2pllm:: DESTINATION ${package_dir})
configure_package_config_file(cmake/p2pllm-config.cmake.in p2pllm-config.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(p2pllm-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/p2pllm-config.cmake ${PROJECT_BINARY_DIR}/p2pllm-config-version.cmake cmake/dependencies.cmake
        DESTINATION ${package_dir})

# Manual pages, from what --help prints.
find_package(Python3 QUIET COMPONENTS Interpreter)
if(Python3_FOUND)
  install(CODE "execute_process(COMMAND ${Python3_EXECUTABLE} -B ${PROJECT_SOURCE_DIR}/scripts/man ${PROJECT_BINARY_DIR}/p2pllm
                                        ${PROJECT_BINARY_DIR}/man COMMAND_ERROR_IS_FATAL ANY)")
  install(DIRECTORY ${PROJECT_BINARY_DIR}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endif()
