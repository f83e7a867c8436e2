# Finds CUDA 12.0 or later; sets P2PLLM_CUDA_FOUND. It is never required: Debian offers none, and the kernels run on a CPU.
# The compiler is the one that the environment variable CUDACXX names, that of the path, or /usr/local/cuda/bin/nvcc.
set(P2PLLM_CUDA_FOUND OFF)
find_program(P2PLLM_NVCC NAMES $ENV{CUDACXX} nvcc PATHS /usr/local/cuda/bin)
mark_as_advanced(P2PLLM_NVCC)
if(P2PLLM_CUDA AND P2PLLM_NVCC)
  execute_process(COMMAND ${P2PLLM_NVCC} --version OUTPUT_VARIABLE nvcc_says ERROR_QUIET RESULT_VARIABLE nvcc_status)
  if(nvcc_status EQUAL 0 AND nvcc_says MATCHES "release ([0-9.]+)" AND CMAKE_MATCH_1 VERSION_GREATER_EQUAL 12.0)
    set(P2PLLM_CUDA_FOUND ON)
    message(STATUS "CUDA: nvcc ${CMAKE_MATCH_1}")
  else()
    message(STATUS "CUDA: ${P2PLLM_NVCC} is no nvcc 12.0 or later, and counts as absent")
  endif()
endif()

# Compiles .cu files for compute capability 8.0 and 9.0, and as PTX for what comes later, and adds them to a target.
# Not by CMake's language CUDA, which a broken nvcc would make an error.
function(p2pllm_add_cuda target)
  foreach(source IN LISTS ARGN)
    get_filename_component(name ${source} NAME)
    set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.o)
    add_custom_command(OUTPUT ${object} DEPFILE ${object}.d MAIN_DEPENDENCY ${CMAKE_CURRENT_SOURCE_DIR}/${source}
      COMMAND ${P2PLLM_NVCC} -std=c++20 -O3 --expt-relaxed-constexpr -fmad=false -Werror all-warnings
              -gencode arch=compute_80,code=sm_80 -gencode arch=compute_90,code=[sm_90,compute_90]
              -Xcompiler -fPIC -I${PROJECT_SOURCE_DIR} -MD -MF ${object}.d -MT ${object}
              -c ${CMAKE_CURRENT_SOURCE_DIR}/${source} -o ${object}
      COMMENT "Building CUDA object ${name}.o" VERBATIM)
    target_sources(${target} PRIVATE ${object})
    set_source_files_properties(${object} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
  endforeach()
endfunction()
