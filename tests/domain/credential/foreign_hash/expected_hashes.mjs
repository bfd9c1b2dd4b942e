// Computes the hashes of Firebase and better-auth that tests/domain/credential/foreign_hash
// expects, with libraries that are not ours.
//
// Not run by the tests. To run it again, in a throw-away folder:
//     npm install better-auth@1.7.25 firebase-scrypt@2.2.0 && node expected_hashes.mjs
// better-auth draws its own salt, so its rows differ each time and verify all the same.

import { hashPassword } from "better-auth/crypto";
import firebase from "firebase-scrypt";

const password = "correct horse battery staple";
const show = (name, text) => console.log(`const ${name}: &str = "${text}";`);

show("BETTER_AUTH", await hashPassword(password));
show("BETTER_AUTH_COMPATIBILITY_FORM", await hashPassword("ﬁne ＰＡＳＳＷＯＲＤ ①"));

// A project's parameters, made up. The published ones are in the README of
// github.com/firebase/scrypt.
const signerKey = Buffer.from("a signer key of sixty-four bytes, as a project of Firebase has it")
  .subarray(0, 64)
  .toString("base64");
const salt = Buffer.from("0123456789").toString("base64");
for (const [name, separator, memCost] of [
  ["FIREBASE", "Bw==", 4],
  ["FIREBASE_WITHOUT_SEPARATOR", "", 4],
]) {
  const hasher = new firebase.FirebaseScrypt({ memCost, rounds: 8, saltSeparator: separator, signerKey });
  const hash = await hasher.hash(password, salt);
  show(
    name,
    `$fbscrypt$v=1,n=${memCost},r=8,p=1${separator ? `,ss=${separator}` : ""},sk=${signerKey}$${salt}$${hash}`,
  );
}
