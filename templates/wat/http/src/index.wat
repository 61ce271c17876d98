;; Answers with the body that was posted, and a request without one with the path.
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
  (memory (export "memory") 3)
  (data (i32.const 32) "Content-Type: text/plain\n\n")
  (data (i32.const 64) "hello from ")
  (data (i32.const 80) "\n")
  (data (i32.const 96) "PATH_INFO=")

  (func $print (param $text i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $text))
    (i32.store (i32.const 4) (local.get $length))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))

  ;; Up to 64 KiB, to address 1024.
  (func $input (result i32) (local $length i32)
    (loop $more
      (i32.store (i32.const 0) (i32.add (i32.const 1024) (local.get $length)))
      (i32.store (i32.const 4) (i32.sub (i32.const 65536) (local.get $length)))
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
      (local.set $length (i32.add (local.get $length) (i32.load (i32.const 8))))
      (br_if $more (i32.load (i32.const 8))))
    (local.get $length))

  (func $starts (param $text i32) (result i32) (local $i i32)
    (loop $next
      (if (i32.ne (i32.load8_u (i32.add (local.get $text) (local.get $i)))
                  (i32.load8_u (i32.add (i32.const 96) (local.get $i))))
        (then (return (i32.const 0))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 10))))
    (i32.const 1))

  (func $length (param $text i32) (result i32) (local $n i32)
    (block $end
      (loop $next
        (br_if $end (i32.eqz (i32.load8_u (i32.add (local.get $text) (local.get $n)))))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br $next)))
    (local.get $n))

  ;; The environment is at address 131072, behind the 1,024 pointers to its variables.
  (func $path (local $i i32) (local $entry i32)
    (drop (call $sizes (i32.const 16) (i32.const 20)))
    (if (i32.or (i32.gt_u (i32.load (i32.const 16)) (i32.const 1024)) (i32.gt_u (i32.load (i32.const 20)) (i32.const 61440)))
      (then (return)))
    (drop (call $environ (i32.const 131072) (i32.const 135168)))
    (block $end
      (loop $next
        (br_if $end (i32.eq (local.get $i) (i32.load (i32.const 16))))
        (local.set $entry (i32.load (i32.add (i32.const 131072) (i32.shl (local.get $i) (i32.const 2)))))
        (if (call $starts (local.get $entry))
          (then
            (local.set $entry (i32.add (local.get $entry) (i32.const 10)))
            (call $print (local.get $entry) (call $length (local.get $entry)))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next))))

  (func (export "_start") (local $length i32)
    (local.set $length (call $input))
    (call $print (i32.const 32) (i32.const 26))
    (if (local.get $length)
      (then (call $print (i32.const 1024) (local.get $length)))
      (else
        (call $print (i32.const 64) (i32.const 11))
        (call $path)
        (call $print (i32.const 80) (i32.const 1))))))
