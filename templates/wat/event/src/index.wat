;; Reads an event and answers {"received":<the event>}. An empty one fails with exit code 1.
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 2)
  (data (i32.const 32) "{\"received\":")
  (data (i32.const 48) "}\n")
  (data (i32.const 64) "the event is empty\n")

  (func $print (param $stream i32) (param $text i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $text))
    (i32.store (i32.const 4) (local.get $length))
    (drop (call $write (local.get $stream) (i32.const 0) (i32.const 1) (i32.const 8))))

  ;; Up to 64 KiB, to address 1024.
  (func $input (result i32) (local $length i32)
    (loop $more
      (i32.store (i32.const 0) (i32.add (i32.const 1024) (local.get $length)))
      (i32.store (i32.const 4) (i32.sub (i32.const 65536) (local.get $length)))
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
      (local.set $length (i32.add (local.get $length) (i32.load (i32.const 8))))
      (br_if $more (i32.load (i32.const 8))))
    (local.get $length))

  (func (export "_start") (local $length i32)
    (local.set $length (call $input))
    (if (i32.eqz (local.get $length))
      (then
        (call $print (i32.const 2) (i32.const 64) (i32.const 19))
        (call $exit (i32.const 1))))
    (call $print (i32.const 1) (i32.const 32) (i32.const 12))
    (call $print (i32.const 1) (i32.const 1024) (local.get $length))
    (call $print (i32.const 1) (i32.const 48) (i32.const 2))))
