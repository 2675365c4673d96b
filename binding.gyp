{
  "target_defaults": {
    "include_dirs": ["native"],
    "cflags_cc!": ["-std=gnu++17", "-std=gnu++20"],
    "cflags!": ["-O3"],
    "cflags_cc": ["-std=c++20", "-O2", "-fpeel-loops", "-fvisibility=hidden", "-ffp-contract=off", "-fno-math-errno"],
    "conditions": [
      ["OS=='linux'", { "cflags_cc": ["-ffunction-sections", "-fdata-sections"] }],
      ["OS=='mac'", {
        "xcode_settings": {
          "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
          "CLANG_CXX_LIBRARY": "libc++",
          "GCC_OPTIMIZATION_LEVEL": "3",
          "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
          "MACOSX_DEPLOYMENT_TARGET": "11.0",
          "OTHER_CPLUSPLUSFLAGS": ["-ffp-contract=off", "-fno-math-errno"]
        }
      }],
      ["OS=='win'", {
        "msbuild_toolset": "ClangCL",
        "msvs_settings": {
          "VCCLCompilerTool": { "AdditionalOptions": ["/std:c++20", "-ffp-contract=off", "-fno-math-errno"] }
        }
      }]
    ]
  },
  "targets": [
    {
      # Kernels neither throw nor ask for types: without what is needed to unwind them they are smaller.
      "target_name": "offloop_kernels",
      "type": "static_library",
      "win_delay_load_hook": "false",
      "sources": ["<!@(node -p \"require('fs').readFileSync('native/sources.txt','utf8').trim().split(/\\s+/).filter((name) => name.startsWith('native/kernels/')).join(' ')\")"],
      "conditions": [
        ["OS=='linux'", { "cflags_cc": ["-fno-exceptions", "-fno-rtti", "-fno-asynchronous-unwind-tables"] }],
        ["OS=='mac'", { "xcode_settings": { "GCC_ENABLE_CPP_EXCEPTIONS": "NO", "GCC_ENABLE_CPP_RTTI": "NO" } }]
      ]
    },
    {
      "target_name": "offloop",
      "dependencies": ["offloop_kernels"],
      "sources": ["<!@(node -p \"require('fs').readFileSync('native/sources.txt','utf8').trim().split(/\\s+/).filter((name) => !name.startsWith('native/kernels/')).join(' ')\")"],
      "defines": ["NAPI_VERSION=9"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti"],
      "conditions": [
        ["OS=='linux'", {
          "ldflags": [
            "-Wl,-z,nodelete",
            "-static-libstdc++", "-static-libgcc", "-Wl,--exclude-libs,ALL",
            "-Wl,--gc-sections", "-Wl,-O1", "-Wl,--as-needed"
          ],
          "libraries": ["-ldl"]
        }],
        ["OS=='mac'", { "xcode_settings": { "GCC_ENABLE_CPP_EXCEPTIONS": "YES" } }],
        ["OS=='win'", { "msvs_settings": { "VCCLCompilerTool": { "ExceptionHandling": 1 } } }]
      ]
    }
  ]
}
