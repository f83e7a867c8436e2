# Libraries from Debian packages (scripts/setup), as imported targets. An installed p2pllm includes this file too.
find_package(PkgConfig REQUIRED)
pkg_check_modules(GMP REQUIRED IMPORTED_TARGET GLOBAL gmpxx)
pkg_check_modules(MPFR REQUIRED IMPORTED_TARGET GLOBAL mpfr)
find_library(MPFI_LIBRARY mpfi REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(tl-expected REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED)
