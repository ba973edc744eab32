// The line to the server: a WebSocket for settings and what comes of them, requests for files.

const base = new URL(".", location.href);

export class Connection {
  // heard : called with the facts of each message and its bytes (a DataView); gone, back : when the server goes or comes
  constructor(heard, gone, back) {
    this.heard = heard;
    this.gone = gone;
    this.back = back;
    this.page = null;
    this.serial = 0;
    this.open();
  }

  open() {
    const address = new URL("live", base);
    address.protocol = "ws:";
    const socket = this.socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    socket.onmessage = event => this.hear(event.data);
    socket.onclose = event => {
      if (this.page !== null || !this.trying) this.gone(event.reason);
      this.page = null;
      this.trying = true;
      setTimeout(() => this.open(), 2000);
    };
  }

  hear(data) {
    const length = new DataView(data).getUint32(0, true);
    const facts = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
    if (facts.kind === "hello") {
      this.page = facts.page;
      this.back();
    } else {
      this.heard(facts, data, 4 + length);
    }
  }

  // Asks for something, and returns the serial number that answers will have.
  ask(what, told = {}) {
    const serial = ++this.serial;
    if (this.page !== null) this.socket.send(JSON.stringify({ ask: what, serial, ...told }));
    return serial;
  }

  // Sends a file, unless `signal` stops that; what goes wrong is thrown as an error with one line. The number that answers
  // will have is `serial` at once.
  async upload(what, blob, name = "", signal = undefined) {
    const serial = ++this.serial;
    const address = new URL(`pages/${this.page}/${what}`, base);
    address.search = new URLSearchParams({ serial, name });
    const answer = await fetch(address, { method: "POST", body: blob, signal }).catch(() => {
      throw new Error("the file cannot be read any more, or the studio cannot be reached");
    });
    if (!answer.ok) throw new Error(await oneLine(answer));
  }

  async download(ending, pixels) {
    const address = new URL(`pages/${this.page}/drawing${ending}`, base);
    if (pixels) address.search = new URLSearchParams({ pixels });
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(await oneLine(answer));
    return answer.blob();
  }
}

// What styles and options there are.
export async function controlsOfServer() {
  return (await fetch(new URL("controls", base))).json();
}

async function oneLine(answer) {
  return (await answer.text()).trim().replace(/^refused: /, "") || `the server answers ${answer.status}`;
}
