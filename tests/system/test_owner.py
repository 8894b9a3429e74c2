# SPDX-License-Identifier: LGPL-2.1-or-later
"""Guests that run as another user: who their processes are, whose their files are meanwhile and afterwards."""
import os
import random
import signal
import stat
import subprocess
import threading
import unittest

import libvirt

from vireotest import GuestTest, qemu_pids

NOBODY = 65534
XML = """<domain type='qemu'><name>{name}</name><memory unit='MiB'>32</memory>
<os><type arch='x86_64' machine='pc'>hvm</type>{os}</os><devices><serial type='pty'/>{devices}</devices></domain>"""
DISK = "<disk type='{type}'><driver name='qemu' type='{format}'/><source {source}='{path}'/>" \
       "<target dev='{target}' bus='virtio'/>{more}</disk>"


def disk(path, target="vda", kind="raw", more="", block=False):
    return DISK.format(type="block" if block else "file", source="dev" if block else "file", format=kind, path=path,
                       target=target, more=more)


@unittest.skipUnless(os.geteuid() == 0, "only root can run guests as others")
class OwnerTest(GuestTest):
    configure = 'user = "+65534"'

    def setUp(self):
        super().setUp()
        os.chmod(self.daemon.root, 0o755)  # guests' users must be able to reach the images in here

    def path(self, name):
        return f"{self.daemon.root}/{name}"

    def image(self, name, mode=0o600, owner=(0, 0)):
        path = self.path(name)
        with open(path, "wb") as out:
            out.truncate(1024 * 1024)
        os.chmod(path, mode)
        os.chown(path, *owner)
        return path

    def define(self, name, devices="", more_os=""):
        return self.conn.defineXML(XML.format(name=name, devices=devices, os=more_os))

    def start(self, domain):
        domain.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)

    def owner(self, path):
        st = os.stat(path)
        return st.st_uid, st.st_gid

    def records(self):
        return os.listdir(self.path("lib/ownership"))


class Identity(OwnerTest):
    def status(self, pid):
        with open(f"/proc/{pid}/status") as text:
            fields = dict(line.rstrip("\n").split(":\t", 1) for line in text if ":\t" in line)
        return fields["Uid"].split(), fields["Gid"].split(), fields["Groups"].split()

    def test_number(self):
        self.start(self.define("a"))
        pid, = qemu_pids(self.daemon.root)
        self.assertEqual(self.status(pid), (["65534"] * 4, ["65534"] * 4, ["65534"]))


class NamedIdentity(Identity):
    configure = 'user = "nobody"\ngroup = "+4711"'

    def test_number(self):
        self.start(self.define("a"))
        pid, = qemu_pids(self.daemon.root)
        self.assertEqual(self.status(pid), (["65534"] * 4, ["4711"] * 4, ["4711"]))


class Refusals(OwnerTest):
    configure = ""

    def test_unknown_names(self):
        for text, told in [('user = "no-such-user"', "user and group: there is no user 'no-such-user' on this host"),
                           ('group = "no-such-group"', "there is no group 'no-such-group'"),
                           ('user = "+4711"', "user 4711 has no main group on this host: a group must be given too"),
                           ('user = "+99999999999"', "there is no user '+99999999999'")]:
            conf = self.path("bad.conf")
            with open(conf, "w") as out:
                out.write(text)
            run = subprocess.run([self.daemon.program, "--root", self.daemon.root, "--config", conf], capture_output=True,
                                 text=True, timeout=60)
            self.assertEqual(run.returncode, 1)
            self.assertIn(f"{conf}: ", run.stderr)
            self.assertIn(told, run.stderr)


class Files(OwnerTest):
    def test_given_and_put_back(self):
        rw, ro = self.image("rw.img", owner=(3, 4)), self.image("ro.img")
        kernel, open_to_all = self.image("kernel"), self.image("open.img", mode=0o644)
        domain = self.define("a", disk(rw) + disk(ro, "vdb", more="<readonly/>") +
                             disk(open_to_all, "vdc", more="<readonly/>"), f"<kernel>{kernel}</kernel>")
        self.start(domain)
        self.assertEqual(self.owner(rw), (NOBODY, NOBODY))
        self.assertEqual(self.owner(ro), (NOBODY, NOBODY))
        self.assertEqual(self.owner(kernel), (NOBODY, NOBODY))
        self.assertEqual(self.owner(open_to_all), (0, 0), "what all may read needs no other owner")
        self.assertEqual(self.records(), [f"{domain.UUIDString()}.json"])
        domain.destroy()
        self.assertEqual(self.owner(rw), (3, 4))
        self.assertEqual([self.owner(path) for path in (ro, kernel, open_to_all)], [(0, 0)] * 3)
        self.assertEqual(self.records(), [])

    def test_put_back_after_a_failed_start(self):
        image = self.image("a.img")
        domain = self.define("a", disk(image) + disk(self.path("missing.img"), "vdb"))
        with self.assertRaises(libvirt.libvirtError) as caught:
            self.start(domain)
        self.assertIn("missing.img", str(caught.exception))
        self.assertEqual(self.owner(image), (0, 0))
        self.assertEqual(self.records(), [])

    def test_shared_until_the_last_guest_ends(self):
        shared = self.image("shared.img")
        one = self.define("one", disk(shared, more="<readonly/>"))
        two = self.define("two", disk(shared, more="<readonly/>"))
        self.start(one)
        self.start(two)
        one.destroy()
        self.assertEqual(self.owner(shared), (NOBODY, NOBODY))
        self.restart(signal.SIGKILL)
        self.start(self.conn.lookupByName("one"))
        self.conn.lookupByName("two").destroy()
        self.assertEqual(self.owner(shared), (NOBODY, NOBODY))
        self.conn.lookupByName("one").destroy()
        self.assertEqual(self.owner(shared), (0, 0))

    def test_somebody_elses_change_is_left_alone(self):
        image = self.image("a.img")
        domain = self.define("a", disk(image))
        self.start(domain)
        os.chown(image, 5, 6)
        domain.destroy()
        self.assertEqual(self.owner(image), (5, 6))

    def test_symbolic_links(self):
        target, link = self.image("secret"), self.path("link.img")
        os.symlink("secret", link)
        os.chown(link, 1000, 1000, follow_symlinks=False)
        domain = self.define("a", disk(link))
        with self.assertRaises(libvirt.libvirtError) as caught:
            self.start(domain)
        self.assertIn(f"'{link}' is a symbolic link of another user's to '{target}'", str(caught.exception))
        self.assertEqual(self.owner(target), (0, 0))
        os.chown(link, 0, 0, follow_symlinks=False)
        self.start(domain)
        self.assertEqual(self.owner(target), (NOBODY, NOBODY))
        self.assertEqual(os.lstat(link).st_uid, 0)
        domain.destroy()
        self.assertEqual(self.owner(target), (0, 0))

    def test_link_put_in_the_way_of_putting_back(self):
        os.mkdir(self.path("folder"))
        image, victim = self.image("folder/a.img"), self.image("victim", owner=(NOBODY, NOBODY))
        domain = self.define("a", disk(image))
        self.start(domain)
        os.rename(image, self.path("moved.img"))
        os.symlink(victim, image)
        domain.destroy()
        self.assertEqual(self.owner(victim), (NOBODY, NOBODY))

    def test_block_device(self):
        """The node's owner changes though nothing is behind it, and is put back as the start fails."""
        node = self.path("node")
        os.mknod(node, stat.S_IFBLK | 0o600, os.makedev(240, 0))
        with self.assertRaises(libvirt.libvirtError) as caught:
            self.start(self.define("a", disk(node, block=True)))
        self.assertIn("No such device", str(caught.exception))  # it might be opened: it was not "Permission denied"
        self.assertEqual(self.owner(node), (0, 0))

    def test_file_that_a_port_writes(self):
        path = self.path("port.log")
        domain = self.define("a", f"<serial type='file'><source path='{path}'/></serial>")
        self.start(domain)
        self.assertEqual(self.owner(path), (NOBODY, NOBODY))
        domain.destroy()
        self.assertEqual(self.owner(path), (0, 0))

    def test_folder_of_a_socket(self):
        folder = self.path("lib/channel")
        os.mkdir(folder, 0o700)
        devices = "<channel type='unix'><source mode='bind' path='{}/agent'/><target type='virtio' name='x'/></channel>"
        domain = self.define("a", devices.format(folder))
        self.start(domain)
        self.assertEqual(self.owner(folder), (NOBODY, NOBODY))
        self.assertTrue(stat.S_ISSOCK(os.stat(f"{folder}/agent").st_mode))
        domain.destroy()
        self.assertEqual(self.owner(folder), (0, 0))
        domain.undefine()
        domain = self.define("b", devices.format(self.path("lib/ownership")))
        with self.assertRaises(libvirt.libvirtError):
            self.start(domain)  # never the folder that says whose files are whose
        self.assertEqual(self.owner(self.path("lib/ownership")), (0, 0))

    def test_backing_files(self):
        os.mkdir(self.path("else"))
        base, other = self.image("base.img"), self.image("else/base.img", mode=0o644)
        for name, backing in (("top.qcow2", "base.img"), ("far.qcow2", other)):
            subprocess.check_call(["qemu-img", "create", "-q", "-f", "qcow2", "-b", backing, "-F", "raw", self.path(name)])
        domain = self.define("a", disk(self.path("top.qcow2"), kind="qcow2") + disk(self.path("far.qcow2"), "vdb", "qcow2"))
        self.start(domain)
        self.assertEqual(self.owner(base), (NOBODY, NOBODY))
        self.assertEqual(self.owner(other), (0, 0))
        domain.destroy()
        self.assertEqual(self.owner(base), (0, 0))


class Policy(OwnerTest):
    configure = 'user = "nobody"\nkeep_owner = ["{root}/kept/"]'

    def test_kept_folder(self):
        os.mkdir(self.path("kept"))
        kept, other = self.image("kept/a.img"), self.image("kept.img")
        domain = self.define("a", disk(kept) + disk(other, "vdb"))
        with self.assertRaises(libvirt.libvirtError) as caught:
            self.start(domain)
        self.assertIn("Permission denied", str(caught.exception))
        self.assertIn("the user QEMU runs as must be able to read the file", str(caught.exception))
        os.chmod(kept, 0o666)
        self.start(domain)
        self.assertEqual(self.owner(kept), (0, 0))
        self.assertEqual(self.owner(other), (NOBODY, NOBODY))


class NoOwnership(OwnerTest):
    configure = 'user = "nobody"\ndynamic_ownership = 0'

    def test_nothing_changes(self):
        image = self.image("a.img", mode=0o666)
        self.start(self.define("a", disk(image)))
        self.assertEqual(self.owner(image), (0, 0))
        self.assertEqual(self.records(), [])


class KillNine(OwnerTest):
    ROUNDS = int(os.environ.get("ROUNDS", "10"))

    def test_guest_outlives_the_daemon(self):
        image = self.image("a.img")
        self.start(self.define("a", disk(image)))
        self.restart(signal.SIGKILL)
        self.assertEqual(self.owner(image), (NOBODY, NOBODY))
        self.conn.lookupByName("a").destroy()
        self.assertEqual(self.owner(image), (0, 0))

    def test_guest_ended_while_the_daemon_was_away(self):
        image = self.image("a.img")
        self.start(self.define("a", disk(image)))
        pid, = qemu_pids(self.daemon.root)
        watch = os.pidfd_open(pid)
        self.addCleanup(os.close, watch)
        self.daemon.stop(signal.SIGKILL)
        os.kill(pid, signal.SIGKILL)
        self.restart(signal.SIGKILL)
        self.assertEqual(self.owner(image), (0, 0))
        self.assertEqual(self.records(), [])

    def test_host_restarted(self):
        """State is gone, as after a restart of the host; the records are not."""
        image = self.image("a.img")
        self.start(self.define("a", disk(image)))
        pid, = qemu_pids(self.daemon.root)
        self.daemon.stop(signal.SIGKILL)
        os.kill(pid, signal.SIGKILL)
        for name in os.listdir(self.path("run/qemu")):
            os.unlink(self.path(f"run/qemu/{name}"))
        self.restart(signal.SIGKILL)
        self.assertEqual(self.owner(image), (0, 0))

    def test_storm(self):
        seed = int(os.environ.get("SEED", "5"))
        rng = random.Random(seed)
        shared = self.image("shared.img", owner=(7, 7))
        images = {name: self.image(f"{name}.img", owner=(8, 8)) for name in "abc"}
        for name, image in images.items():
            self.define(name, disk(image) + disk(shared, "vdb", more="<readonly/>"))
        for number in range(self.ROUNDS):
            timer = threading.Timer(rng.random() * 0.25, self.daemon.process.send_signal, (signal.SIGKILL,))
            timer.start()
            self.storm(rng)
            timer.join()
            self.restart(signal.SIGKILL)
            with self.subTest(seed=seed, round=number):
                self.check(images, shared)

    def storm(self, rng):
        try:
            while True:
                domain = self.conn.lookupByName(rng.choice("abc"))
                if domain.isActive():
                    domain.destroy()
                else:
                    self.start(domain)
        except libvirt.libvirtError:
            pass

    def check(self, images, shared):
        active = set()
        for name in images:
            domain = self.conn.lookupByName(name)
            try:
                domain.resume()  # one that was told to end may still be ending: this settles it
                domain.suspend()
                active.add(name)
            except libvirt.libvirtError as error:
                self.assertIn(error.get_error_code(), (libvirt.VIR_ERR_OPERATION_INVALID, libvirt.VIR_ERR_OPERATION_FAILED))
                try:
                    domain.destroy()
                except libvirt.libvirtError:
                    pass
        for name, image in images.items():
            self.assertEqual(self.owner(image), (NOBODY, NOBODY) if name in active else (8, 8), name)
        self.assertEqual(self.owner(shared), (NOBODY, NOBODY) if active else (7, 7), active)


if __name__ == "__main__":
    unittest.main()
