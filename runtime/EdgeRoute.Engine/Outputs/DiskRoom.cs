using System.Globalization;
using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Engine.Outputs;

/// <summary>
/// Whether an output may write: its disk keeps the room that is to stay free, and takes what it is given. Told when it stops and when it
/// goes on, with the count of what was lost meanwhile. One thread at a time.
/// </summary>
/// <param name="what">The output and its place, for messages.</param>
/// <param name="lookEvery">Items between two looks at the disk.</param>
internal sealed class DiskRoom(string folder, string what, DiskConfig disk, int lookEvery, Action<string> report)
{
    private int _untilLook;
    private bool _isLow, _isRefused;
    private long _lost, _lostCount;

    /// <summary>Items lost since start; any thread.</summary>
    public long LostCount => Volatile.Read(ref _lostCount);

    /// <summary>Free bytes of a folder's disk.</summary>
    public static long FreeBytes(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // A file system that does not tell is left to say so by itself, when it is full.
            return long.MaxValue;
        }
    }

    /// <summary>Whether less is free than is to stay free; some more is needed to go on, so that it does not switch all the time.</summary>
    public static bool IsLow(long freeBytes, DiskConfig disk, bool wasLow)
    {
        long least = disk.FreeMegabytes * DiskConfig.Megabyte;
        return freeBytes < (wasLow ? least + (least / 8) : least);
    }

    /// <summary>Asked before each item; one that may not be written counts as lost.</summary>
    public bool Has()
    {
        if (_untilLook-- <= 0)
        {
            _untilLook = lookEvery;
            Look();
        }

        Lose(_isLow ? 1 : 0);
        return !_isLow;
    }

    /// <summary>The disk did not take an item.</summary>
    public void Refuse(string why)
    {
        Lose(1);
        if (!_isRefused)
        {
            _isRefused = true;
            report($"{what} cannot be written: {why} What comes is counted until it can.");
        }
    }

    /// <summary>The disk took an item.</summary>
    public void Take()
    {
        if (_isRefused)
        {
            _isRefused = false;
            TellGoesOn();
        }
    }

    /// <summary>Nothing follows: what was lost since it stopped is told where it has not gone on.</summary>
    public void End()
    {
        if ((_isLow || _isRefused) && _lost > 0)
        {
            report(string.Create(CultureInfo.InvariantCulture, $"{what} ends without going on; {_lost} were lost"));
        }

        _lost = 0;
    }

    private void Lose(int count)
    {
        _lost += count;
        Interlocked.Add(ref _lostCount, count);
    }

    private void Look()
    {
        long free = FreeBytes(folder);
        bool isLow = IsLow(free, disk, _isLow);
        if (isLow == _isLow)
        {
            return;
        }

        _isLow = isLow;
        if (!isLow)
        {
            TellGoesOn();
            return;
        }

        report(string.Create(CultureInfo.InvariantCulture,
            $"{what} pauses: {free / DiskConfig.Megabyte} MB are free on its disk (disk.free_mb {disk.FreeMegabytes})"));
    }

    private void TellGoesOn()
    {
        report(string.Create(CultureInfo.InvariantCulture, $"{what} goes on; {_lost} were lost meanwhile"));
        _lost = 0;
    }
}
