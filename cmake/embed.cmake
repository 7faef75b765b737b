# sunlit_embed(TARGET NAME FILE): FILE becomes `const unsigned char NAME[]`, zero-terminated, and `const size_t NAME_size`.
function(sunlit_embed target name file)
  get_filename_component(path ${file} ABSOLUTE)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/embed_${name}.S)
  file(WRITE ${out}.tmp
".section .rodata\n.balign 16\n.global ${name}\n${name}:\n.incbin \"${path}\"\n.Lend_${name}:\n.byte 0\n.balign 8\n.global ${name}_size\n${name}_size:\n.quad .Lend_${name} - ${name}\n.section .note.GNU-stack,\"\",%progbits\n")
  configure_file(${out}.tmp ${out} COPYONLY)
  set_source_files_properties(${out} PROPERTIES OBJECT_DEPENDS ${path})
  target_sources(${target} PRIVATE ${out})
endfunction()
