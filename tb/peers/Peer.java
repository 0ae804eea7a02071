// SPDX-License-Identifier: Apache-2.0
// The peer that is Java: Krb5LoginModule for AS, JGSS for TGS and AP. The commands of scripts/test-peers.
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import javax.security.auth.Subject;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.kerberos.KerberosTicket;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.Configuration;
import javax.security.auth.login.LoginContext;
import org.ietf.jgss.GSSContext;
import org.ietf.jgss.GSSCredential;
import org.ietf.jgss.GSSManager;
import org.ietf.jgss.GSSName;
import org.ietf.jgss.Oid;

public final class Peer {
    private static final int WAIT_LIMIT = 60000; // ms
    private static final GSSManager GSS = GSSManager.getInstance();

    public static void main(String[] words) {
        try {
            run(words);
        } catch (Exception error) {
            Throwable cause = error;
            while (cause.getCause() != null) cause = cause.getCause();
            System.err.println(cause);
            System.exit(1);
        }
    }

    private static void run(String[] words) throws Exception {
        String command = words.length > 0 ? words[0] : "";
        if (command.equals("etypes")) {
            for (int etype = 1; etype < 32; ++etype) {
                if (sun.security.krb5.internal.crypto.EType.isSupported(etype)) System.out.println(etype);
            }
        } else if (command.equals("client") && words.length == 5) {
            client(words[1], words[2], words[3], Integer.parseInt(words[4]));
        } else if (command.equals("initial") && words.length == 3) {
            initial(words[1], words[2]);
        } else if (command.equals("service") && words.length == 3) {
            service(words[1], words[2]);
        } else {
            throw new Exception("expected etypes, client NAME PASSWORD SERVICE PORT, initial NAME SECRET or "
                                + "service KEYTAB SERVICE");
        }
    }

    private static void client(String name, String password, String service, int port) throws Exception {
        Subject subject = login(name, password, Map.of("isInitiator", "true"));
        System.out.println("AS " + sessionEtype(subject, "krbtgt/"));
        as(subject, () -> {
            GSSName peer = GSS.createName(service, oid("1.2.840.113554.1.2.2.1"));
            GSSContext context = GSS.createContext(peer, kerberos(), null, GSSContext.DEFAULT_LIFETIME);
            context.requestMutualAuth(true);
            byte[] token = context.initSecContext(new byte[0], 0, 0);
            System.out.println("TGS " + sessionEtype(subject, service));
            try (DatagramSocket socket = new DatagramSocket()) {
                socket.setSoTimeout(WAIT_LIMIT);
                socket.connect(InetAddress.getLoopbackAddress(), port);
                byte[] request = withoutHeader(token);
                socket.send(new DatagramPacket(request, request.length));
                byte[] reply = withHeader(2, receive(socket).getData());
                context.initSecContext(reply, 0, reply.length);
            }
            if (!context.isEstablished() || !context.getMutualAuthState()) throw new Exception("AP-REP: not accepted");
            System.out.println("AP");
            return null;
        });
    }

    /** secret: keytab:FILE or pkinit:CERTIFICATE,KEY,ANCHORS. */
    private static void initial(String name, String secret) throws Exception {
        if (secret.startsWith("keytab:")) {
            Subject subject = login(name, null, Map.of("isInitiator", "true", "useKeyTab", "true", "keyTab",
                                                       secret.substring("keytab:".length()), "doNotPrompt", "true"));
            System.out.println("AS " + sessionEtype(subject, "krbtgt/"));
            return;
        }
        for (var field : Class.forName("sun.security.krb5.internal.Krb5").getFields()) {
            if (field.getName().startsWith("PA_PK_AS_RE")) throw new Exception("it has " + field.getName());
        }
        System.out.println("CANNOT PKINIT the JDK's Kerberos knows no PA-PK-AS-REQ");
    }

    private static void service(String keytab, String service) throws Exception {
        Subject subject = login(service, null, Map.of("isInitiator", "false", "useKeyTab", "true", "keyTab", keytab,
                                                      "storeKey", "true"));
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            socket.setSoTimeout(WAIT_LIMIT);
            System.out.println("PORT " + socket.getLocalPort());
            DatagramPacket request = receive(socket);
            as(subject, () -> {
                GSSCredential own = GSS.createCredential(null, GSSCredential.DEFAULT_LIFETIME, kerberos(),
                                                         GSSCredential.ACCEPT_ONLY);
                GSSContext context = GSS.createContext(own);
                byte[] token = withHeader(1, request.getData());
                byte[] reply = withoutHeader(context.acceptSecContext(token, 0, token.length));
                socket.send(new DatagramPacket(reply, reply.length, request.getSocketAddress()));
                var key = (java.security.Key) ((com.sun.security.jgss.ExtendedGSSContext) context).inquireSecContext(
                    com.sun.security.jgss.InquireType.KRB5_GET_SESSION_KEY_EX);
                int etype = ((javax.security.auth.kerberos.EncryptionKey) key).getKeyType();
                System.out.println("AP " + context.getSrcName() + " " + etype);
                return null;
            });
        }
    }

    private static Subject login(String name, String password, Map<String, String> more) throws Exception {
        Map<String, String> options = new TreeMap<>(more);
        options.put("principal", name);
        var entry = new AppConfigurationEntry("com.sun.security.auth.module.Krb5LoginModule",
                                              AppConfigurationEntry.LoginModuleControlFlag.REQUIRED, options);
        Configuration configuration = new Configuration() {
            @Override
            public AppConfigurationEntry[] getAppConfigurationEntry(String application) {
                return new AppConfigurationEntry[] {entry};
            }
        };
        LoginContext context = new LoginContext("peer", new Subject(), callbacks -> {
            for (Callback callback : callbacks) {
                if (callback instanceof PasswordCallback asked) asked.setPassword(password.toCharArray());
            }
        }, configuration);
        context.login();
        return context.getSubject();
    }

    private static void as(Subject subject, Callable<Void> action) throws Exception {
        Subject.doAs(subject, (java.security.PrivilegedExceptionAction<Void>) action::call);
    }

    private static int sessionEtype(Subject subject, String server) throws Exception {
        for (KerberosTicket ticket : subject.getPrivateCredentials(KerberosTicket.class)) {
            if (ticket.getServer().getName().startsWith(server)) return ticket.getSessionKeyType();
        }
        throw new Exception("no ticket for " + server);
    }

    private static DatagramPacket receive(DatagramSocket socket) throws Exception {
        DatagramPacket packet = new DatagramPacket(new byte[65535], 65535);
        socket.receive(packet);
        packet.setData(Arrays.copyOf(packet.getData(), packet.getLength()));
        return packet;
    }

    private static Oid oid(String text) throws Exception { return new Oid(text); }
    private static Oid kerberos() throws Exception { return oid("1.2.840.113554.1.2.2"); }

    /** Behind mechanism and token identifier: from the message's own tag, APPLICATION 14 or 15 (RFC 4121 4.1). */
    private static byte[] withoutHeader(byte[] token) throws Exception {
        int behind = ByteBuffer.wrap(token).get(1) >= 0 ? 2 : 2 + (token[1] & 0x7f);
        int message = behind + kerberos().getDER().length + 2;
        return Arrays.copyOfRange(token, message, token.length);
    }

    private static byte[] withHeader(int identifier, byte[] message) throws Exception {
        byte[] mechanism = kerberos().getDER();
        int length = mechanism.length + 2 + message.length;
        ByteBuffer out = ByteBuffer.allocate(length + 4).put((byte) 0x60);
        if (length < 0x80) {
            out.put((byte) length);
        } else if (length < 0x100) {
            out.put((byte) 0x81).put((byte) length);
        } else {
            out.put((byte) 0x82).putShort((short) length);
        }
        out.put(mechanism).put((byte) identifier).put((byte) 0).put(message);
        return Arrays.copyOf(out.array(), out.position());
    }
}
