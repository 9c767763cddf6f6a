using EdgeRoute.Documents.Calibrations;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Engine.Steering;

/// <summary>A calibration's predictions as the control channel tells them.</summary>
internal static class CurveWriter
{
    public static CalibrationCurve Of(string stream, LoadedCalibration calibration)
    {
        var document = calibration.Document;
        return new CalibrationCurve
        {
            Stream = stream,
            Teacher = document.Teacher,
            Device = document.Device,
            Points = [.. document.Curve.Select(c => new CurvePoint { Price = c.PricePerMs, DeviceMs = c.Ms, Quality = c.Quality }).OrderBy(p => p.Price)],
            Floors = [.. document.Floors.Select(f => new CertifiedFloor
            {
                Floor = f.Floor,
                Price = f.PriceIndex >= 0 ? document.Curve[f.PriceIndex].PricePerMs : null,
                Reason = f.Reason,
            })],
        };
    }
}
