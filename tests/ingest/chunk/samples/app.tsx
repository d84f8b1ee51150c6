import React from "react";

export const Button = ({ label }: Props) => {
  return <button className="b">{label}</button>;
};

export default class App extends React.Component<Props> {
  state = { open: false };

  render() {
    return <Button label="x" />;
  }
}
