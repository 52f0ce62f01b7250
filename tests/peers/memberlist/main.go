// SPDX-License-Identifier: MIT

// A member of a memberlist group as MetalLB's speaker makes one: LAN profile, name, bind address,
// key from a secret, events only. It takes the commands of member.c and answers as that does.
package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"
	"golang.org/x/sys/unix"
)

const leaveTimeout = time.Second // MetalLB's

// member is one line of the answer to "members".
type member struct {
	Name     string `json:"name"`
	State    string `json:"state"`
	Address  string `json:"address"`
	Port     uint16 `json:"port"`
	Meta     string `json:"meta"`
	Versions []int  `json:"versions"`
}

// event is printed when something happens.
type event struct {
	Event   string  `json:"event"`
	Time    float64 `json:"time"`
	Name    string  `json:"name"`
	Address string  `json:"address"`
	Port    uint16  `json:"port"`
	Meta    string  `json:"meta"`
}

// answer is printed for each command.
type answer struct {
	Answer  string   `json:"answer"`
	Error   string   `json:"error,omitempty"`
	Members []member `json:"members,omitempty"`
	Health  *int     `json:"health,omitempty"`
}

var output sync.Mutex

func write(line any) {
	text, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	output.Lock()
	defer output.Unlock()
	fmt.Println(string(text))
}

// bootTime is comparable with the times of other programs on this machine.
func bootTime() float64 {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &now); err != nil {
		panic(err)
	}
	return float64(now.Nano()) / 1e9
}

// events prints what memberlist tells, and remembers who is gone: Members() does not show them.
// memberlist does not say whether one left or failed.
type events struct {
	mutex sync.Mutex
	gone  map[string]member
}

func describe(node *memberlist.Node, state string) member {
	return member{
		Name: node.Name, State: state, Address: node.Addr.String(), Port: node.Port,
		Meta: hex.EncodeToString(node.Meta),
		Versions: []int{
			int(node.PMin), int(node.PMax), int(node.PCur),
			int(node.DMin), int(node.DMax), int(node.DCur),
		},
	}
}

func tell(kind string, node *memberlist.Node) {
	write(event{
		Event: kind, Time: bootTime(), Name: node.Name, Address: node.Addr.String(),
		Port: node.Port, Meta: hex.EncodeToString(node.Meta),
	})
}

func (e *events) NotifyJoin(node *memberlist.Node) {
	e.mutex.Lock()
	delete(e.gone, node.Name)
	e.mutex.Unlock()
	tell("joined", node)
}

func (e *events) NotifyLeave(node *memberlist.Node) {
	e.mutex.Lock()
	e.gone[node.Name] = describe(node, "gone")
	e.mutex.Unlock()
	tell("gone", node)
}

func (e *events) NotifyUpdate(node *memberlist.Node) {
	tell("updated", node)
}

func (e *events) members(list *memberlist.Memberlist) []member {
	var all []member
	for _, node := range list.Members() {
		all = append(all, describe(node, "alive"))
	}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	for _, node := range e.gone {
		all = append(all, node)
	}
	return all
}

// delegate has meta data, which MetalLB has not; installed only when asked for.
type delegate struct {
	mutex sync.Mutex
	meta  []byte
}

func (d *delegate) set(meta []byte) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.meta = meta
}

func (d *delegate) NodeMeta(limit int) []byte {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if len(d.meta) > limit {
		return d.meta[:limit]
	}
	return d.meta
}

func (d *delegate) NotifyMsg([]byte)                  {}
func (d *delegate) GetBroadcasts(_, _ int) [][]byte   { return nil }
func (d *delegate) LocalState(bool) []byte            { return nil }
func (d *delegate) MergeRemoteState(_ []byte, _ bool) {}

// secretKey makes the key as MetalLB does: the digest is of nothing and stands behind the secret.
func secretKey(secret string) []byte {
	return sha256.New().Sum([]byte(secret))[:32]
}

type program struct {
	list     *memberlist.Memberlist
	events   *events
	delegate *delegate
	keyring  *memberlist.Keyring
}

// setKeys makes the ring these keys, the first of them the one that encrypts.
func (p *program) setKeys(text string) error {
	if p.keyring == nil {
		return errors.New("started without a key")
	}
	wanted := map[string]bool{}
	var keys [][]byte
	for _, one := range strings.Split(text, ",") {
		key, err := hex.DecodeString(one)
		if err != nil {
			return err
		}
		if err := p.keyring.AddKey(key); err != nil {
			return err
		}
		wanted[string(key)] = true
		keys = append(keys, key)
	}
	if err := p.keyring.UseKey(keys[0]); err != nil {
		return err
	}
	for _, key := range p.keyring.GetKeys() {
		if !wanted[string(key)] {
			if err := p.keyring.RemoveKey(key); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *program) setMeta(text string) error {
	if p.delegate == nil {
		return errors.New("started without meta data")
	}
	meta, err := hex.DecodeString(text)
	if err != nil {
		return err
	}
	p.delegate.set(meta)
	return p.list.UpdateNode(5 * time.Second)
}

func (p *program) run(words []string) answer {
	result := answer{Answer: words[0]}
	var err error
	switch {
	case words[0] == "join" && len(words) > 1:
		_, err = p.list.Join(words[1:])
	case words[0] == "leave" && len(words) == 1:
		err = p.list.Leave(leaveTimeout)
	case words[0] == "meta" && len(words) == 2:
		err = p.setMeta(words[1])
	case words[0] == "keys" && len(words) == 2:
		err = p.setKeys(words[1])
	case words[0] == "members" && len(words) == 1:
		result.Members = p.events.members(p.list)
	case words[0] == "statistics" && len(words) == 1:
		health := p.list.GetHealthScore()
		result.Health = &health
	default:
		err = fmt.Errorf("unknown command: %s", strings.Join(words, " "))
	}
	if err != nil {
		result.Error = err.Error()
	}
	return result
}

func start() (*program, error) {
	name := flag.String("name", "", "name of the node")
	bind := flag.String("bind", "", "address to bind to")
	port := flag.Int("port", 7946, "port to bind to")
	secret := flag.String("secret", "", "MetalLB's secret")
	key := flag.String("key", "", "key, in hexadecimal")
	label := flag.String("label", "", "label of packets and streams")
	meta := flag.String("meta", "", "meta data, in hexadecimal")
	plain := flag.Bool("no-compression", false, "do not compress")
	flag.Parse()
	if *name == "" || net.ParseIP(*bind) == nil || flag.NArg() > 0 {
		return nil, errors.New("-name NAME and -bind ADDRESS are needed, and nothing else")
	}

	p := &program{events: &events{gone: map[string]member{}}}
	config := memberlist.DefaultLANConfig()
	config.Name = *name
	config.BindAddr = *bind
	config.BindPort = *port
	config.AdvertisePort = *port
	config.Events = p.events
	config.Label = *label
	config.EnableCompression = !*plain
	config.LogOutput = os.Stderr
	if *secret != "" {
		config.SecretKey = secretKey(*secret)
	}
	if *key != "" {
		bytes, err := hex.DecodeString(*key)
		if err != nil {
			return nil, err
		}
		config.SecretKey = bytes
	}
	if config.SecretKey != nil {
		ring, err := memberlist.NewKeyring(nil, config.SecretKey)
		if err != nil {
			return nil, err
		}
		config.Keyring = ring
		p.keyring = ring
	}
	if *meta != "" {
		bytes, err := hex.DecodeString(*meta)
		if err != nil {
			return nil, err
		}
		p.delegate = &delegate{meta: bytes}
		config.Delegate = p.delegate
	}
	list, err := memberlist.Create(config)
	p.list = list
	return p, err
}

func main() {
	p, err := start()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	write(answer{Answer: "ready"})
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		words := strings.Fields(input.Text())
		if len(words) == 0 {
			continue
		}
		if words[0] == "quit" {
			break
		}
		write(p.run(words))
	}
	if err := p.list.Shutdown(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
