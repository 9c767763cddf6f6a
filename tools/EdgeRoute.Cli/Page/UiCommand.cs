using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using EdgeRoute.Cli.Commands;
using EdgeRoute.Cli.Output;

namespace EdgeRoute.Cli.Page;

/// <summary><c>edgeroute ui</c>: the device live in a browser of this machine.</summary>
internal static class UiCommand
{
    private static readonly Option<int> Port = new("--port")
    {
        Description = "port of 127.0.0.1 to serve at; 0: one that is free", DefaultValueFactory = _ => 0, HelpName = "PORT",
    };

    private static readonly Option<bool> NoOpen = new("--no-open") { Description = "print the address and open no browser" };

    private static readonly Option<string[]> Packs = new("--pack")
    {
        Description = "a pack that the device runs, its manifest or its folder with the calibration, for what-ifs; may be given again. A "
            + "device on this machine needs none",
        HelpName = "FOLDER",
    };

    private static readonly Option<string> Folder = new("--page")
    {
        Description = "folder of the built page", HelpName = "FOLDER", Hidden = true,
        DefaultValueFactory = _ => Path.Combine(AppContext.BaseDirectory, "page"),
    };

    public static Command Create() => DeviceVerb.Create("ui", """
        Opens a page that shows the device live and tunes it: pictures with what was found in them, the paths frames took and why, the
        frontier of cost and quality with today's point, changes on trial, config, journal and recordings. It is served to this machine
        alone, by this program, until Ctrl-C; the address opens it once. With --json the addresses are printed as JSON.

        Foxglove, Lichtblick and other viewers on this machine that speak foxglove.websocket.v1 see the same topics live that 'export
        mcap' writes, and /device beside them, at the second address, as often as they dial it. They see and change nothing. A viewer
        that is slow gets fewer pictures and is told how many messages it missed; '&width=640' behind the address, from 64 to 1920,
        makes pictures smaller than 1280 pixels.

        Examples:
          edgeroute ui
          edgeroute ui --device robot3 --port 7421
          edgeroute ui --pack models/shapes
          edgeroute ui --no-open --json
        """, RunAsync, Port, NoOpen, Packs, Folder);

    private static async Task<int> RunAsync(DeviceCall call)
    {
        int port = call.Get(Port);
        if (port is < 0 or > 65535)
        {
            throw new ArgumentException($"--port is {port}; ports are 1 to 65535, and 0 takes one that is free");
        }

        var files = PageFiles.Read(call.Get(Folder)!);
        var dial = call.Dial;
        // A refusal is to be read on the terminal, so the first connection is made before a browser is opened.
        string device;
        await using (var client = await dial(call.Cancel))
        {
            device = client.Welcome.Device;
        }

        await using var server = await PageServer.StartAsync(files, dial, port, call.Cancel);
        server.Packs = call.Get(Packs) ?? [];
        string address = server.Address;
        Console.Out.WriteLine(call.WantsJson ? PageJson.Address(address, server.ViewerAddress, device)
            : $"{device} is shown at {address}\nthe address opens the page once, in one browser; Ctrl-C ends it\n"
                + $"Foxglove and Lichtblick open it live, with a connection 'Foxglove WebSocket' to {server.ViewerAddress}");
        if (!call.Get(NoOpen))
        {
            Open(call, address);
        }

        await Task.Delay(Timeout.Infinite, call.Cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        call.Console.Say("the page is closed");
        return WorkConsole.Done;
    }

    private static void Open(DeviceCall call, string address)
    {
        try
        {
            var start = new ProcessStartInfo("xdg-open", [address]) { RedirectStandardOutput = true, RedirectStandardError = true };
            Process.Start(start)?.Dispose();
        }
        catch (Win32Exception)
        {
            call.Console.Say("no browser can be opened from here (there is no xdg-open): open the address yourself");
        }
    }
}
