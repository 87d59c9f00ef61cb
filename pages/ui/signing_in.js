// The tabs of a browser share one sign-in. One that shows another sign-in, or none, tells the rest, and they are loaded anew.
export default function ({ data }) {
  const channel = new BroadcastChannel("roundtable-sign-in");
  channel.onmessage = (told) => told.data !== data.sign_in && location.reload();
  channel.postMessage(data.sign_in);
  const leave = () => channel.close(); // a tab on its way to sign out elsewhere must not be called back
  window.addEventListener("beforeunload", leave);
  return () => {
    window.removeEventListener("beforeunload", leave);
    leave();
  };
}
