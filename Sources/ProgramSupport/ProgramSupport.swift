/// What the programs have in common: settings, log lines, signals. Without Foundation: the responder is among them.
package enum ProgramSupport {}
