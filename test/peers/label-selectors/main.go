// SPDX-License-Identifier: Apache-2.0

// Writes label selectors, put together at random, and what Kubernetes' own parser makes of each: whether it can be read, and
// which of a few sets of labels meet it. `go run . > kubernetes-selectors.jsonl` in a module that requires k8s.io/apimachinery.
package main

import (
	"encoding/json"
	"math/rand"
	"os"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
)

var sets = []labels.Set{
	{},
	{"app": "web"},
	{"app": "api", "tier": "", "in": "notin"},
	{"app": "", "example.com/size": "7"},
	{"example.com/size": "12", "tier": "back", "notin": "in"},
	{"app": "in", "tier": "9223372036854775807", "example.com/size": "x"},
}

var pieces = []string{
	"app", "app", "tier", "example.com/size", "in", "notin", "web", "api", "back", "7", "12", "9223372036854775808", "9223372036854775806",
	"=", "==", "!=", "!", "(", ")", ",", ",", "<", ">", " ", " ", "\t", " in ", " notin ", "(web,api)", "(,)", "()", "(,web)", "(web,,7)",
	"-bad", "a/b/c", "x_", "ünlaut", "===", "app=web", "app!=web", "app in (web)", "tier notin (back, )", "example.com/size>8",
	"example.com/size<8", "!app", "!tier", "app,tier", "UPPER", "Example.com/size", "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg",
	"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg",
}

type answer struct {
	Selector string `json:"selector"`
	Reads    bool   `json:"reads"`
	Meets    []int  `json:"meets"`
}

func main() {
	random := rand.New(rand.NewSource(7))
	seen := map[string]bool{}
	answers := []answer{}
	good := 0
	for len(answers) < 800 {
		var text strings.Builder
		for count := 1 + random.Intn(6); count > 0; count-- {
			text.WriteString(pieces[random.Intn(len(pieces))])
		}
		selector := text.String()
		if seen[selector] {
			continue
		}
		parsed, err := labels.Parse(selector)
		// Half of them can be read.
		if err != nil && len(answers)-good >= 400 {
			continue
		}
		seen[selector] = true
		meets := []int{}
		for index, set := range sets {
			if err == nil && parsed.Matches(set) {
				meets = append(meets, index)
			}
		}
		if err == nil {
			good++
		}
		answers = append(answers, answer{selector, err == nil, meets})
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encode := func(line any) {
		if err := encoder.Encode(line); err != nil {
			panic(err)
		}
	}
	encode(sets)
	for _, each := range answers {
		encode(each)
	}
}
