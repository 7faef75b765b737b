// tlogcheck FOLDER [all] - checks a log folder with golang.org/x/mod's note and tlog packages alone:
// the checkpoint's signature, inclusion of leaves through the tiles, and consistency between sizes.
// "witnessed": the notes of the archive, and by crypto/ed25519 every cosignature in them.
// With "all" every entry is read, hashed and compared with its tile, and the root is computed from them.
package main

import (
	"crypto/ed25519"
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

// What c2sp.org/tlog-cosignature says, written down again: "cosignature/v1", the time, the text.
func witnessed(f folder, log note.Verifier, text string) {
	keys := map[string]ed25519.PublicKey{}
	vkeys, err := os.ReadFile(filepath.Join(string(f), "witnesses.txt"))
	must(err)
	for _, vkey := range strings.Fields(string(vkeys)) {
		parts := strings.SplitN(vkey, "+", 3)
		raw, err := base64.StdEncoding.DecodeString(parts[2])
		must(err)
		if raw[0] != 4 {
			must(fmt.Errorf("key type %d", raw[0]))
		}
		keys[parts[0]] = ed25519.PublicKey(raw[1:])
	}
	good := 0
	for i := 0; ; i++ {
		msg, err := os.ReadFile(filepath.Join(string(f), "witnessed", strconv.Itoa(i)))
		if err != nil {
			break
		}
		n, err := note.Open(msg, note.VerifierList(log))
		must(err)
		if n.Text != text || len(n.Sigs) != 1 || len(n.UnverifiedSigs) > 98 {
			must(fmt.Errorf("note %d: %d and %d signatures", i, len(n.Sigs), len(n.UnverifiedSigs)))
		}
		for _, s := range n.UnverifiedSigs {
			raw, err := base64.StdEncoding.DecodeString(s.Base64)
			must(err)
			message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(raw[4:]), n.Text)
			if !ed25519.Verify(keys[s.Name], []byte(message), raw[12:]) {
				must(fmt.Errorf("note %d: %s does not verify", i, s.Name))
			}
			delete(keys, s.Name)
			good++
		}
	}
	if len(keys) != 0 || good == 0 {
		must(fmt.Errorf("%d witnesses are in no note", len(keys)))
	}
	fmt.Printf("golang.org/x/mod and crypto/ed25519: %d cosignatures of the archive verify\n", good)
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

	if len(os.Args) > 2 && os.Args[2] == "witnessed" {
		witnessed(f, verifier, n.Text)
		return
	}
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
