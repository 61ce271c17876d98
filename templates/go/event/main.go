// Reads an event such as {"celsius":21.5} and answers {"fahrenheit":70.7}.
package main

import (
	"encoding/json"
	"log"
	"os"
)

type reading struct {
	Celsius *float64 `json:"celsius"`
}

type answer struct {
	Fahrenheit float64 `json:"fahrenheit"`
}

func main() {
	log.SetFlags(0)
	var event reading
	if err := json.NewDecoder(os.Stdin).Decode(&event); err != nil {
		log.Fatal("the event is no JSON: ", err)
	}
	if event.Celsius == nil {
		log.Fatal(`the event has no number "celsius"`)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answer{*event.Celsius*9/5 + 32}); err != nil {
		log.Fatal(err)
	}
}
