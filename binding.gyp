{
  "targets": [
    {
      "target_name": "offloop",
      "sources": ["<!@(node -p \"require('fs').readFileSync('native/sources.txt','utf8').trim().split(/\\s+/).join(' ')\")"],
      "include_dirs": ["native"],
      "defines": ["NAPI_VERSION=9"],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20", "-fno-exceptions", "-fno-rtti"],
      "cflags!": ["-O3"],
      "cflags_cc": ["-std=c++20", "-O2", "-fpeel-loops", "-fvisibility=hidden", "-ffp-contract=off", "-fno-math-errno"],
      "conditions": [
        ["OS=='linux'", {
          "cflags_cc": ["-ffunction-sections", "-fdata-sections"],
          "ldflags": [
            "-Wl,-z,nodelete",
            "-static-libstdc++", "-static-libgcc", "-Wl,--exclude-libs,ALL",
            "-Wl,--gc-sections", "-Wl,-O1", "-Wl,--as-needed"
          ],
          "libraries": ["-ldl"]
        }],
        ["OS=='mac'", {
          "xcode_settings": {
            "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
            "CLANG_CXX_LIBRARY": "libc++",
            "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
            "GCC_OPTIMIZATION_LEVEL": "3",
            "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
            "MACOSX_DEPLOYMENT_TARGET": "11.0",
            "OTHER_CPLUSPLUSFLAGS": ["-ffp-contract=off", "-fno-math-errno"]
          }
        }],
        ["OS=='win'", {
          "msbuild_toolset": "ClangCL",
          "msvs_settings": {
            "VCCLCompilerTool": { "ExceptionHandling": 1, "AdditionalOptions": ["/std:c++20", "-ffp-contract=off", "-fno-math-errno"] }
          }
        }]
      ]
    }
  ]
}
