(() => {
  "use strict";
  const box = document.getElementById("in-browser");
  const form = document.getElementById("signature");
  const said = document.getElementById("said");
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) return;
  box.hidden = false;

  const KINDS = {
    EdDSA: [{ name: "Ed25519" }, { name: "Ed25519" }],
    ES256: [{ name: "ECDSA", namedCurve: "P-256" }, { name: "ECDSA", hash: "SHA-256" }],
  };
  const bytes = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const encoded = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

  // The key cannot be taken out of the browser again, and never leaves this page.
  const keyOf = (text, kind) => {
    const pem = text.match(/-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----/);
    if (pem) return subtle.importKey("pkcs8", bytes(atob(pem[1].replace(/\s/g, ""))), kind, false, ["sign"]);
    const { kty, crv, x, y, d } = JSON.parse(text);
    const jwk = y ? { kty, crv, x, y, d } : { kty, crv, x, d };
    return subtle.importKey("jwk", jwk, kind, false, ["sign"]);
  };

  box.querySelector("button").addEventListener("click", async () => {
    const chosen = box.querySelector("select").selectedOptions[0].dataset;
    const input = box.querySelector("input");
    const file = input.files[0];
    if (!file) {
      said.textContent = "Choose the file with the officer's private key.";
      return;
    }
    try {
      const [kind, how] = KINDS[chosen.alg];
      const key = await keyOf(await file.text(), kind);
      const signature = await subtle.sign(how, key, bytes(chosen.input));
      form.elements.jws.value = chosen.input + "." + encoded(signature);
      input.value = "";
      form.requestSubmit();
    } catch {
      said.textContent = `Nothing was signed: this browser cannot read the file as a private key for ${chosen.alg} (a JWK, or PKCS #8 in PEM).`;
    }
  });
})();
