// Answers GET with the path and POST with what was posted.
package main

import (
	"cmp"
	"fmt"
	"io"
	"log"
	"os"
)

func main() {
	switch os.Getenv("REQUEST_METHOD") {
	case "GET":
		fmt.Printf("Content-Type: text/plain\n\nhello from %s\n", os.Getenv("PATH_INFO"))
	case "POST":
		fmt.Printf("Content-Type: %s\n\n", cmp.Or(os.Getenv("CONTENT_TYPE"), "text/plain"))
		if _, err := io.Copy(os.Stdout, os.Stdin); err != nil {
			log.Fatal(err)
		}
	default:
		fmt.Print("Status: 405 Method Not Allowed\nAllow: GET, POST\n\n")
	}
}
