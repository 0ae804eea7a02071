// SPDX-License-Identifier: Apache-2.0

// The peer that is gokrb5. The commands of scripts/test-peers.
package main

import (
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/jcmturner/gokrb5/v8/client"
	"github.com/jcmturner/gokrb5/v8/config"
	"github.com/jcmturner/gokrb5/v8/crypto"
	"github.com/jcmturner/gokrb5/v8/iana/flags"
	"github.com/jcmturner/gokrb5/v8/iana/keyusage"
	"github.com/jcmturner/gokrb5/v8/iana/nametype"
	"github.com/jcmturner/gokrb5/v8/keytab"
	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/service"
	"github.com/jcmturner/gokrb5/v8/types"
)

const waitLimit = 60 * time.Second

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(words []string) error {
	switch {
	case len(words) == 1 && words[0] == "etypes":
		for etype := int32(1); etype < 32; etype++ {
			if _, err := crypto.GetEtype(etype); err == nil {
				fmt.Println(etype)
			}
		}
		return nil
	case len(words) == 5 && words[0] == "client":
		return runClient(words[1], words[2], words[3], words[4])
	case len(words) == 3 && words[0] == "initial":
		return runInitial(words[1], words[2])
	case len(words) == 3 && words[0] == "service":
		return runService(words[1])
	}
	return fmt.Errorf("expected etypes, client NAME PASSWORD SERVICE PORT, initial NAME SECRET or service KEYTAB SERVICE")
}

// runInitial: the secret is keytab:FILE or pkinit:CERTIFICATE,KEY,ANCHORS.
func runInitial(name, secret string) error {
	file, isKeytab := strings.CutPrefix(secret, "keytab:")
	if !isKeytab {
		fmt.Println("CANNOT PKINIT its client proves itself by password, keytab or credential cache alone")
		return nil
	}
	settings, err := config.Load(os.Getenv("KRB5_CONFIG"))
	if err != nil {
		return err
	}
	keys, err := keytab.Load(file)
	if err != nil {
		return err
	}
	realm := settings.LibDefaults.DefaultRealm
	cl := client.NewWithKeytab(name, realm, keys, settings, client.DisablePAFXFAST(true))
	_, err = authenticate(cl, realm, settings)
	return err
}

// authenticate is the AS exchange, and tells the etype of the session key.
func authenticate(cl *client.Client, realm string, settings *config.Config) (messages.ASRep, error) {
	asReq, err := messages.NewASReqForTGT(realm, settings, cl.Credentials.CName())
	if err != nil {
		return messages.ASRep{}, err
	}
	asRep, err := cl.ASExchange(realm, asReq, 0)
	if err != nil {
		return messages.ASRep{}, fmt.Errorf("AS: %w", err)
	}
	fmt.Println("AS", asRep.DecryptedEncPart.Key.KeyType)
	return asRep, nil
}

func runClient(name, password, serviceName, port string) error {
	settings, err := config.Load(os.Getenv("KRB5_CONFIG"))
	if err != nil {
		return err
	}
	realm := settings.LibDefaults.DefaultRealm
	cl := client.NewWithPassword(name, realm, password, settings, client.DisablePAFXFAST(true))
	asRep, err := authenticate(cl, realm, settings)
	if err != nil {
		return err
	}

	sname := types.NewPrincipalName(nametype.KRB_NT_SRV_INST, serviceName)
	_, tgsRep, err := cl.TGSREQGenerateAndExchange(sname, realm, asRep.Ticket, asRep.DecryptedEncPart.Key, false)
	if err != nil {
		return fmt.Errorf("TGS: %w", err)
	}
	key := tgsRep.DecryptedEncPart.Key
	fmt.Println("TGS", key.KeyType)

	authenticator, err := types.NewAuthenticator(realm, cl.Credentials.CName())
	if err != nil {
		return err
	}
	request, err := messages.NewAPReq(tgsRep.Ticket, key, authenticator)
	if err != nil {
		return err
	}
	types.SetFlag(&request.APOptions, flags.APOptionMutualRequired)
	octets, err := request.Marshal()
	if err != nil {
		return err
	}
	reply, err := ask(port, octets)
	if err != nil {
		return fmt.Errorf("AP-REP: %w", err)
	}
	if err := verifyReply(reply, key, authenticator); err != nil {
		return fmt.Errorf("AP-REP: %w", err)
	}
	fmt.Println("AP")
	return nil
}

func ask(port string, request []byte) ([]byte, error) {
	socket, err := net.Dial("udp", "127.0.0.1:"+port)
	if err != nil {
		return nil, err
	}
	defer socket.Close()
	if err := socket.SetDeadline(time.Now().Add(waitLimit)); err != nil {
		return nil, err
	}
	if _, err := socket.Write(request); err != nil {
		return nil, err
	}
	reply := make([]byte, 65535)
	size, err := socket.Read(reply)
	return reply[:size], err
}

// verifyReply is of gokrb5's parts: it has no call for it.
func verifyReply(octets []byte, key types.EncryptionKey, sent types.Authenticator) error {
	var reply messages.APRep
	if err := reply.Unmarshal(octets); err != nil {
		return err
	}
	plain, err := crypto.DecryptEncPart(reply.EncPart, key, keyusage.AP_REP_ENCPART)
	if err != nil {
		return err
	}
	var part messages.EncAPRepPart
	if err := part.Unmarshal(plain); err != nil {
		return err
	}
	if part.CTime.Unix() != sent.CTime.Unix() || part.Cusec != sent.Cusec {
		return fmt.Errorf("another client's time")
	}
	return nil
}

// runService makes no AP-REP: gokrb5 has none to send.
func runService(file string) error {
	keys, err := keytab.Load(file)
	if err != nil {
		return err
	}
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer socket.Close()
	fmt.Println("PORT", socket.LocalAddr().(*net.UDPAddr).Port)
	if err := socket.SetDeadline(time.Now().Add(waitLimit)); err != nil {
		return err
	}
	octets := make([]byte, 65535)
	size, _, err := socket.ReadFrom(octets)
	if err != nil {
		return err
	}
	var request messages.APReq
	if err := request.Unmarshal(octets[:size]); err != nil {
		return fmt.Errorf("AP-REQ: %w", err)
	}
	good, who, err := service.VerifyAPREQ(&request, service.NewSettings(keys))
	if err != nil {
		return fmt.Errorf("AP-REQ: %w", err)
	}
	if !good {
		return fmt.Errorf("AP-REQ: not accepted")
	}
	etype := request.Ticket.DecryptedEncPart.Key.KeyType
	fmt.Printf("AP %s@%s %d\n", who.CName().PrincipalNameString(), who.Realm(), etype)
	return nil
}
